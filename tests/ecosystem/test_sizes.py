"""A module at another size of its input computes what the spec means at that size, or fails: it is never wrong in silence.

What the spec means at a size is the module that is compiled for it (`--input`), with the same weights.
"""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from archdsl.api import Architecture, open_spec  # noqa: E402
from archdsl.diagnostics import ArchError  # noqa: E402
from tests.ecosystem.networks import SAMPLE, SIX, assert_equal, network, weights  # noqa: E402
from tests.emit.generated import OWN  # noqa: E402
from tests.zoo.oracles import move_statistics  # noqa: E402

pytestmark = pytest.mark.torch
MEASURED = next(path for path in OWN if path.stem == "measured")
#: parts of the declared sizes, axis by axis, and what they are rounded to a multiple of
SCALES = (
    ((0.5, 0.5), 1),
    ((0.43, 0.57), 1),
    ((0.73, 0.91), 1),
    ((0.3, 0.45), 32),
    ((0.5, 0.75), 32),
    ((1.25, 0.75), 4),
    ((1.25, 1.5), 32),
)


def others(architecture: Architecture) -> dict[tuple[int, ...], Architecture]:
    """The network at other sizes that the spec takes, by the size of the first input."""
    found: dict[tuple[int, ...], Architecture] = {}
    for scales, step in SCALES:
        inputs = {
            name: (
                shape[0],
                *(max(1, round(n * scales[i % 2] / step)) * step for i, n in enumerate(shape[1:])),
            )
            for name, shape in architecture.inputs.items()
        }
        if all(list(inputs[name]) == shape for name, shape in architecture.inputs.items()):
            continue
        try:
            found[next(iter(inputs.values()))] = architecture.with_inputs(**inputs)
        except ArchError:
            continue
    return found


def run(module: Any, architecture: Architecture) -> Any:
    """What a module gives at the sizes of an architecture; an exception, if it fails."""
    generator = torch.Generator().manual_seed(1)
    inputs = [torch.randn(1, *shape, generator=generator) for shape in architecture.inputs.values()]
    with torch.no_grad():
        try:
            return module(*inputs)
        except Exception as error:
            return error


def evaluated(architecture: Architecture) -> dict[str, Any]:
    """Shapes of the weights that evaluation uses: a head for training alone may be for one size."""
    parts = [data for _, data in architecture.graph.nodes(data=True) if data["training"] and data["module"]]
    training = tuple(f"{data['module']}." for data in parts)
    return {key: shape for key, shape in weights(architecture).items() if not key.startswith(training)}


def at_other_sizes(architecture: Architecture) -> list[bool]:
    """For each size that the spec takes, whether the module does; what it gives there is held to be right."""
    torch.manual_seed(0)
    net = move_statistics(architecture.build()).eval()
    own = evaluated(architecture)
    takes = []
    for size, other in others(architecture).items():
        result = run(net, other)
        takes.append(not isinstance(result, Exception))
        if not takes[-1]:
            continue
        assert evaluated(other) == own, f"it has other weights at {size}, and runs"
        meant = other.build().eval()
        state = {key: value for key, value in net.state_dict().items() if key in own}
        assert not meant.load_state_dict(state, strict=False).unexpected_keys
        assert_equal(result, run(meant, other), 1e-5)
    return takes


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(m, marks=[] if m == "mobilevit_xxs" else [pytest.mark.slow, pytest.mark.ecosystem])
        for m in SAMPLE
    ],
)
def test_zoo(model: str) -> None:
    takes = at_other_sizes(network(model).architecture)
    if model in SIX:
        assert any(takes)


@pytest.mark.parametrize("model", ["one", "two", "three"])
def test_measured(model: str) -> None:
    """What the text takes from a tensor is read from the tensor: every size that the spec takes, the module takes."""
    takes = at_other_sizes(open_spec(MEASURED).architecture(model))
    assert len(takes) > 2 and all(takes)
