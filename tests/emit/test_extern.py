"""Generated modules with classes of other packages: they import them in order, run, and pass the linters."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import archdsl
from tests.emit.generated import build, graph_of, source_of
from tests.emit.test_modules import named

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch
SPEC = Path(__file__).parent / "extern.arch"
MODELS = ["every", "blurs", "alone"]
CLASSES = """\
from __future__ import annotations

from torch import Tensor, nn


class Blur(nn.Module):
    def __init__(self, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(stride)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.pool(x)
        return y


class Scale(nn.Module):
    def __init__(self, channels: int, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


class Gate(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        z: Tensor = self.inner(y)
        return x * z.sigmoid()


class Split(nn.Module):
    def __init__(self, n: int, as_list: bool = False) -> None:
        super().__init__()
        self.n = n
        self.as_list = as_list

    def forward(self, x: Tensor) -> list[Tensor] | tuple[Tensor, ...]:
        parts = x.chunk(self.n, 1)
        return list(parts) if self.as_list else tuple(parts)


class Project(nn.Module):
    def __init__(
        self, inner: int, outer: int, names: list[str], options: dict[str, float | str], bias: bool,
        limits: tuple[int, int, None],
    ) -> None:
        super().__init__()
        self.inner = nn.Conv2d(inner, outer, 1, bias=bias)
        self.told = (inner, outer, names, options, bias, limits)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.inner(x)
        return y
"""
PACKAGES = {"nn": "", **dict.fromkeys(("blurs", "nn.deep", "F", "Unit", "i", "layer", "weight"), CLASSES)}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with packages, typed."""
    root = tmp_path_factory.mktemp("packages")
    for name, text in PACKAGES.items():
        folder = root.joinpath(*name.split("."))
        folder.mkdir()
        (folder / "__init__.py").write_text(text, encoding="utf-8")
        (folder / "py.typed").touch()
    return root


@pytest.fixture(autouse=True)
def importable(packages: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(packages))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.split(".")[0] in PACKAGES:
            del sys.modules[name]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
def test_runs(model: str, training: bool) -> None:
    """The same numbers as the graph run node by node, the parameters that the spec states, and ways for gradients."""
    from tests.emit.interpret import interpret

    graph = graph_of(SPEC, model)
    torch.manual_seed(0)
    net = build(source_of(SPEC, model)).train(training)
    inputs = [torch.randn(2, *t.shape.dims) for t in graph.inputs.values()]
    result = named(graph, net(*inputs), training)
    wanted = interpret(graph, net, inputs)
    assert set(result) == set(wanted)
    for name, value in wanted.items():
        torch.testing.assert_close(result[name], value)
    for output in graph.outputs:
        if training or not output.training:
            got = result[output.name] if output.bundle else [result[output.name]]
            assert [tuple(t.shape[1:]) for t in got] == [t.shape.dims for t in output.tensors]
    assert sum(p.numel() for p in net.parameters()) == archdsl.load(SPEC, model).params


def test_keys() -> None:
    """One module each: with what its class names below the name that the text gives it."""
    keys = list(build(source_of(SPEC, "every")).state_dict())
    assert "unit2.gate1.inner.weight" in keys and "g.inner.bias" in keys and "project2.inner.weight" in keys
    assert sum(key.startswith("g.") for key in keys) == 2


def test_arguments() -> None:
    """Values arrive as they are in the text: numbers that differ, lists, dicts, tuples, strings."""
    net = build(source_of(SPEC, "every"))
    assert net.project1.told == (16, 4, ["a", "b"], {"scale": 1.0, "name": "a-4"}, True, (4, -4, None))
    assert net.project2.told == (4, 6, ["c", "d"], {"scale": 0.5, "name": "c-6"}, False, (6, -6, None))
    assert net.project3.told == (6, 4, ["", "x"], {"scale": 1.0, "name": "-4"}, True, (4, -4, None))
    assert [getattr(net, f"i{k}").factor for k in range(1, 5)] == [1, 2, 3, 4]
    assert [getattr(net, f"layer{k}").factor for k in range(1, 5)] == [2, 4, 6, 8]


def imports(source: str) -> list[str]:
    head = source.split("\n__all__")[0].split('"""\n', 2)[-1]
    return [line for line in head.splitlines() if line and "__future__" not in line]


def test_imports() -> None:
    """In isort's order; another name where the file has one of its own."""
    assert imports(source_of(SPEC, "every")) == [
        "from typing import NamedTuple",
        "import blurs",
        "import F as F_package",
        "import i as i_package",
        "import layer as layer_package",
        "import nn.deep as nn_deep",
        "import torch",
        "import torch.nn",
        "import torch.nn.functional as F",
        "import Unit",
        "from torch import Tensor, nn",
    ]
    assert "import blurs as blurs_package" in imports(source_of(SPEC, "blurs"))
    assert imports(source_of(SPEC, "alone")) == [
        "import torch",
        "import torch.nn",
        "from torch import Tensor, nn",
    ]


def test_a_package_with_the_name_of_a_variable() -> None:
    """Constructors have loops over weights; the package is known by another name there."""
    text = """
    extern block scale { python = "weight.Scale({in.channels}, 2)"; shape = in.shape; params = 0; macs = 0 }
    network n {
      input x: [3, 8, 8]
      scale -> conv(8, 3, init=normal(0.01)) -> relu -> conv(8, 3, init=normal(0.01))
      conv(8, 3) -> scale -> conv(4, 3, init=normal(0.01))
      output y
    }
    """
    source = archdsl.loads(text).source()
    assert "for weight in (" in source and "import weight as weight_package\n" in source
    assert build(source)(torch.zeros(1, 3, 8, 8)).shape == (1, 4, 8, 8)


def test_header() -> None:
    head = source_of(SPEC, "every").split('"""')[1]
    assert "Needs: torch, blurs, F, i, layer, nn, Unit" in head
    assert "Needs" not in source_of(SPEC, "alone").split('"""')[1]


def test_header_says_what_is_not_counted() -> None:
    text = 'extern block e { python = "a.B()"; shape = in.shape }\nnetwork n { input x: [3]; e -> linear(2); output y }'
    head = archdsl.loads(text).source().split('"""')[1]
    assert "Parameters: 8, without those of e\nMultiply-accumulates: 6, without those of e\n" in head


def test_strings_are_no_names() -> None:
    """What a string holds is imported neither for its own sake nor for torch's."""
    text = "extern block e { python = \"a.B('math F torch OrderedDict')\"; shape = in.shape }\nnetwork n { input x: [3]; e; output y }"
    assert imports(archdsl.loads(text).source()) == ["import a", "from torch import Tensor, nn"]


def run(folder: Path, packages: Path, *arguments: str) -> None:
    names = sorted(path.name for path in folder.glob("*.py"))
    result = subprocess.run(
        [sys.executable, "-m", *arguments, *names],
        cwd=folder,
        env={"MYPYPATH": str(packages), "PATH": "", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extern")
    for model in MODELS:
        (folder / f"{model}_module.py").write_text(source_of(SPEC, model), encoding="utf-8")
    return folder


def test_style(folder: Path, packages: Path) -> None:
    pytest.importorskip("ruff")
    run(folder, packages, "ruff", "check", "--isolated", "--select", "E4,E7,E9,F,I", "--line-length", "100")
    run(folder, packages, "ruff", "format", "--isolated", "--line-length", "100", "--diff", "--quiet")


@pytest.mark.slow
@pytest.mark.ecosystem
def test_types(folder: Path, packages: Path) -> None:
    pytest.importorskip("mypy")
    run(folder, packages, "mypy", "--strict", "--python-version", "3.11")


# --- what is missing -----------------------------------------------------------------------------------------------


def missing(python: str) -> Any:
    text = f'extern block e {{\n  python = "{python}"\n  shape = in.shape\n}}\nnetwork n {{ input x: [3]; e; output y }}'
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.loads(text, filename="net.arch").build()
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.line, found.span.text) == ("E615", 2, f'"{python}"')
    return found


def test_no_package() -> None:
    found = missing("no_such_package.sub.B()")
    assert found.message == "`no_such_package.sub`, which the extern block `e` needs, cannot be imported"
    assert found.notes == ("ModuleNotFoundError: No module named 'no_such_package'",)


def test_no_class() -> None:
    assert missing("blurs.Blurr()").message == "`blurs` has no class `Blurr`"


def test_a_package_that_fails(packages: Path) -> None:
    (packages / "failing.py").write_text("1 / 0\n", encoding="utf-8")
    assert missing("failing.B()").notes == ("ZeroDivisionError: division by zero",)
