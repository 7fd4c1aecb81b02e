"""What is said of programs whose blocks are called with different arguments: the module is the graph, whatever varies."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from archdsl.api import ArchError, Architecture, Options, SettingText, Spec  # noqa: E402
from archdsl.source import Source  # noqa: E402
from tests.property.families import Families  # noqa: E402
from tests.property.modules import hold_module, opened  # noqa: E402

#: Programs to write; about half of them are none, and what is large says nothing that small ones do not.
SEEDS = range(60)
MOST_NODES, MOST_WEIGHTS = 120, 100_000
#: Values for parameters of the network that may vary; those that `--set` refuses are refused by the constructor, but for
#: no classes at all, which layers of PyTorch take.
OTHERS = {"classes": ("1", "7", "-3"), "rate": ("0.75", "0.0", "1.5", "-0.1")}


def written(seed: int) -> Spec:
    return Spec(Source("drawn.arch", Families(Random(seed)).program()), None, Options())


def program(seed: int) -> Architecture | None:
    try:
        found = written(seed).architecture("drawn", {}, {})
    except ArchError:
        return None
    small = len(found._graph.nodes) <= MOST_NODES and found.params <= MOST_WEIGHTS
    return found if small else None


def programs() -> list[tuple[int, Architecture]]:
    return [(seed, found) for seed in SEEDS if (found := program(seed)) is not None]


def test_modules_are_their_graphs() -> None:
    found = programs()
    assert len(found) > len(SEEDS) // 4
    for seed, architecture in found:
        try:
            hold_module(architecture._graph, architecture.source())
        except Exception as error:
            raise AssertionError(f"program {seed}: {error}") from error


def outputs(net: Any, training: bool, sizes: list[int]) -> Any:
    net.train(training)
    torch.manual_seed(3)
    with torch.no_grad():
        return net(torch.randn(2, *sizes, generator=torch.Generator().manual_seed(1)))


def test_parameters_of_the_network_are_those_of_the_text() -> None:
    """`Net(classes=7)` is what `--set classes=7` compiles, dropout included; what is refused there is refused here."""
    exposed = 0
    for seed, architecture in programs():
        make = opened(architecture.source())[0]
        for name, texts in OTHERS.items():
            if f"{name}:" not in architecture.source().split(f"def {architecture.model}(")[1].split("->")[0]:
                continue
            for text in texts:
                told = f"program {seed}, {name}={text}"
                try:
                    other = written(seed).architecture("drawn", {name: SettingText(text)}, {})
                except ArchError:
                    with pytest.raises((ValueError, RuntimeError)):
                        make(**{name: float(text) if name == "rate" else int(text)})
                    continue
                exposed += 1
                one = make(**{name: float(text) if name == "rate" else int(text)})
                two = opened(other.source())[0]()
                state = {
                    key: torch.rand_like(v) if v.is_floating_point() else v
                    for key, v in one.state_dict().items()
                }
                shapes = {key: v.shape for key, v in two.state_dict().items()}
                assert {key: v.shape for key, v in state.items()} == shapes, told
                (sizes,) = architecture.inputs.values()
                for training in (False, True):
                    one.load_state_dict(state)
                    two.load_state_dict(state)
                    same = outputs(one, training, sizes), outputs(two, training, sizes)
                    torch.testing.assert_close(*same, msg=told, equal_nan=True)
    assert exposed > 10
