"""The house rules that no reviewer should have to check by hand."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "archdsl"

#: Each room may import those before it, and itself.
ORDER = (
    "version",
    "records",
    "memory",
    "limits",
    "source",
    "marks",
    "diagnostics",
    "resources",
    "syntax",
    "formatting",
    "layers",
    "graph",
    "analysis",
    "elaborate",
    "passes",
    "emit",
    "draw",
    "diff",
    "build",
    "checkpoints",
    "api",
    "canonical",
    "verify",
    "export",
    "port",
    "bench",
    "manual",
    "cli",
)
#: The façade and the entry point stand outside: nothing imports them.
OUTSIDE = {"__init__", "__main__"}

#: Where a package may be imported. Everything else of other people's is not used at all.
FOREIGN = {
    "lark": {"syntax"},
    "networkx": {"graph", "analysis", "passes", "draw", "api"},
    "jinja2": {"emit"},
    "graphviz": {"draw", "api"},
    "pygraphviz": {"draw"},
    "click": {"cli"},
    "onnx": {"export"},
    "onnx_ir": {"export"},
    "onnxruntime": {"export"},
    "safetensors": {"checkpoints"},
    "torch": {"build", "checkpoints", "api", "verify", "export", "bench", "cli"},
}
#: Files that may import torch, inside a function or for its types alone.
TORCH_FILES = {
    "archdsl/api/architecture.py",
    "archdsl/build.py",
    "archdsl/checkpoints/folding.py",
    "archdsl/checkpoints/pytorch.py",
    "archdsl/checkpoints/reading.py",
    "archdsl/checkpoints/strict.py",
    "archdsl/checkpoints/tensors.py",
    "archdsl/cli/verify.py",
    "archdsl/cli/bench.py",
}
#: Rooms that are about running modules. They import torch as others import what they need, and are imported late.
TORCH_ROOMS = {"verify", "export", "bench"}

MAX_LINES = 400
#: One list from end to end, which a second file would only cut in two.
TABLES = {"archdsl/syntax/ast.py"}


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Each import of a module with the module's full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports name the package"
            module = node.module or ""
            if module == "archdsl":
                for alias in node.names:
                    yield node, f"archdsl.{alias.name}"
            else:
                yield node, module


@pytest.mark.parametrize("path", files(), ids=name)
def test_imports_go_one_way(path: Path) -> None:
    here = room(path)
    if here in OUTSIDE:
        return
    assert here in ORDER, f"{here} has no place in the order of imports"
    allowed = ORDER[: ORDER.index(here) + 1]
    for node, module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        parts = module.split(".")
        if parts[0] == "archdsl":
            assert len(parts) > 1 and parts[1] in allowed, f"line {node.lineno}: {here} imports {module}"
        elif parts[0] not in sys.stdlib_module_names:
            assert here in FOREIGN.get(parts[0], ()), f"line {node.lineno}: {here} imports {module}"


def under_type_checking(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from imports(node)


@pytest.mark.parametrize("path", files(), ids=name)
def test_no_circle_hides_under_type_checking(path: Path) -> None:
    """What costs time to load may be imported for its types; what is of archdsl may not."""
    if room(path) not in OUTSIDE:
        for node, module in under_type_checking(ast.parse(path.read_text(encoding="utf-8"))):
            assert module.split(".")[0] != "archdsl", f"line {node.lineno}: {module}"


@pytest.mark.parametrize("path", files(), ids=name)
def test_torch_is_imported_late(path: Path) -> None:
    if room(path) in TORCH_ROOMS:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    inside |= {id(node) for node, _ in under_type_checking(tree)}
    for node, module in imports(tree):
        parts = module.split(".")
        if parts[0] == "torch":
            assert name(path) in TORCH_FILES and id(node) in inside, f"line {node.lineno} imports {module}"
        if parts[0] == "archdsl" and parts[1:2] and parts[1] in TORCH_ROOMS:
            assert id(node) in inside, f"line {node.lineno} imports {module}, and with it torch"


@pytest.mark.parametrize(
    "path",
    [*files(), *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "benchmarks").rglob("*.py"))],
    ids=name,
)
def test_files_stay_short(path: Path) -> None:
    if "golden" in path.parts or name(path) in TABLES:
        return
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", files(), ids=name)
def test_files_begin_with_a_docstring(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


SPEC = """\
network tiny {
  input image: [3, 8, 8]
  conv(4, 3) -> bn -> relu -> gap -> linear(10)
  output logits
}
"""

COMMANDS = {
    "check": ["check", "tiny.arch"],
    "compile": ["compile", "tiny.arch"],
    "draw": ["draw", "tiny.arch"],
    "page": ["draw", "tiny.arch", "--format", "html"],
    "fmt": ["fmt", "tiny.arch"],
    "summary": ["summary", "tiny.arch"],
    "layers": ["layers"],
    "layer": ["layers", "conv"],
    "explain": ["explain", "E502"],
    "help": ["--help"],
}

#: What no command above imports, and what only some of them need.
NEVER = ("torch", "numpy", "rich", "sympy", "pydantic", "setuptools", "hypothesis")
ONLY = {
    "jinja2": {"compile"},
    "graphviz": {"draw", "api"},
    "pygraphviz": {"draw"},
    "lark": {"check", "compile", "draw", "fmt", "summary", "layer", "page"},
}


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_load_only_what_they_use(command: str, tmp_path: Path) -> None:
    (tmp_path / "tiny.arch").write_text(SPEC, encoding="utf-8")
    probe = (
        "import json, sys; from archdsl.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as stop: status = stop.code\n"
        "print(json.dumps([status, sorted(m.partition('.')[0] for m in sys.modules)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, *COMMANDS[command]],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "ARCHDSL_CACHE_DIR": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    status, modules = json.loads(done.stdout.splitlines()[-1])
    assert status == 0, done.stderr
    for module in NEVER:
        assert module not in modules, f"{command} imports {module}"
    for module, users in ONLY.items():
        assert module not in modules or command in users, f"{command} imports {module}"
