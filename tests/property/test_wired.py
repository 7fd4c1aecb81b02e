"""What is said of every valid program of parts that fit: the module computes what the graph says, whatever the wiring."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from wired import Wired

import archdsl
from tests.emit.generated import build, expected_state

torch = pytest.importorskip("torch")

RELAXED = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
#: Programs of more characters say nothing that shorter ones do not.
LONGEST = 1500


#: A seed for each program: a choice drawn for each part of the text takes Hypothesis minutes.
wirings = st.integers(0, 2**32 - 1).map(lambda seed: Wired(random.Random(seed).randint).program())


def loaded(text: str) -> archdsl.Architecture:
    """The architecture of a program that is neither too long nor, by repetitions within repetitions, too large."""
    assume(len(text) <= LONGEST)
    try:
        return archdsl.loads(text)
    except archdsl.ArchError as error:
        assume({found.code for found in error.diagnostics} != {"E905"})
        raise


def quiet(net: Any) -> Any:
    """The module without chance: nothing is dropped in training."""
    for module in net.modules():
        if isinstance(getattr(module, "p", None), float):
            module.p = 0.0
    return net


def outputs(arch: archdsl.Architecture, net: Any, x: Any) -> dict[str, Any]:
    """What forward gives, by name. An output for training is absent in evaluation."""
    there = [output.name for output in arch._graph.outputs if net.training or not output.training]
    result = net(x)
    if not hasattr(result, "_fields"):
        (name,) = there
        return {name: result}
    assert sorted(result._fields) == sorted(output.name for output in arch._graph.outputs)
    assert [name for name in result._fields if getattr(result, name) is not None and name not in there] == []
    return {name: getattr(result, name) for name in there}


@RELAXED
@given(wirings)
def test_module_computes_the_graph(text: str) -> None:
    """In evaluation and in training, with weights that another build gave."""
    from tests.emit.interpret import interpret

    torch.manual_seed(0)
    torch.set_num_threads(1)
    arch = loaded(text)
    source = arch.source()
    first, net = quiet(build(source)), quiet(build(source))
    state = first.state_dict()
    assert {key: tuple(value.shape) for key, value in state.items()} == expected_state(arch._graph)
    for key, value in state.items():
        if key.endswith("running_var"):
            torch.nn.init.uniform_(value, 0.5, 1.5)
        elif value.dtype.is_floating_point:
            torch.nn.init.normal_(value, std=0.4)
    net.load_state_dict(state)
    x = torch.randn(3, 4, 4, 4)
    for training in (False, True):
        first.train(training)
        net.train(training)
        with torch.no_grad():
            expected = interpret(arch._graph, first, [x])
            torch.testing.assert_close(outputs(arch, net, x), expected, rtol=1e-4, atol=1e-4, equal_nan=True)


def test_modules_pass_the_linter(tmp_path: Path) -> None:
    """No name is unused, undefined or bound twice in what is generated."""
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    count = 0

    @RELAXED
    @given(wirings)
    def write(text: str) -> None:
        nonlocal count
        count += 1
        (tmp_path / f"m{count}.py").write_text(loaded(text).source())

    write()
    found = subprocess.run(
        [ruff, "check", "--isolated", "--select", "E9,F", "--line-length", "110", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout
