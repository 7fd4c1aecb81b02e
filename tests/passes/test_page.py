"""`docs/optimising.md`: its commands run and print what it shows, and it has every pass and option; `--update` rewrites
what is made."""

from __future__ import annotations

import re
import shlex
import shutil
from inspect import cleandoc
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.cli.compile import command
from archdsl.passes import NAMES, PASSES, PURPOSES, TARGETS
from archdsl.passes.costs import CALL, RIDGE
from archdsl.passes.table import Pass

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "optimising.md"
_PASSES = re.compile(r"(<!-- passes -->\n).*?(<!-- end -->)", re.DOTALL)
_CONSOLE = re.compile(r"(?<=^```console\n)\$ (.*?)\n(.*?)(?=^```$)", re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the specs, which is the current one."""
    for path in (ROOT / "specs").glob("*.arch"):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(line: str) -> str:
    """What a command prints, on both streams."""
    program, *words = shlex.split(line.partition("  #")[0])
    assert program == "archdsl"
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return done.output


def section(entry: Pass) -> str:
    """What the page says of a pass: its docstring."""
    targets = "" if entry.targets == TARGETS else f", target {' and '.join(entry.targets)}"
    beside = f", beside `{entry.beside}`" if entry.beside else ""
    words = cleandoc(entry.run.__doc__ or "")
    words = re.sub(r"\*(?=[^*`]*(`[^`]*`[^*`]*)*$)", r"\\*", words, flags=re.MULTILINE)
    words = re.sub(r"archdsl((\.\w+)+)", lambda m: f"`archdsl{m[1].replace('.', '/')}.py`", words)
    return f"### `{entry.name}`\n\nFor {entry.purpose}{targets}{beside}.\n\n{words}\n"


def made(text: str) -> str:
    """The page with what is made of the passes."""
    passes = "\n".join(map(section, PASSES))
    text = _PASSES.sub(lambda found: f"{found[1]}\n{passes}\n{found[2]}", text)
    return _CONSOLE.sub(lambda found: f"$ {found[1]}\n{ran(found[1])}", text)


@pytest.mark.usefixtures("folder")
def test_what_is_made(update: bool) -> None:
    text = PAGE.read_text(encoding="utf-8")
    if update:
        PAGE.write_text(made(text), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == made(text), "docs/optimising.md has drifted: `make reference`"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "line", re.findall(r"^    (archdsl .*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
)
def test_commands(line: str) -> None:
    assert "wrote " in ran(line)


@pytest.mark.usefixtures("folder")
@pytest.mark.torch
def test_python(folder: Path) -> None:
    """The code of the page runs, one piece after the other's file is there."""
    import torch

    loading, building = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    spaces: dict[str, object] = {}
    exec(building, spaces)
    net = spaces["net"]
    assert isinstance(net, torch.nn.Module) and "def load_trained(" in str(spaces["text"])
    ran("archdsl compile densenet.arch -m densenet121 --for inference")
    trained = archdsl.load("densenet.arch", model="densenet121").build()
    torch.save(trained.state_dict(), "trained.pth")
    code = "import sys; sys.path.insert(0, '')\n" + loading
    spaces = {"images": torch.zeros(1, 3, 64, 64)}
    exec(code, spaces)
    with torch.no_grad():
        expected = trained.eval()(torch.zeros(1, 3, 64, 64))
    assert torch.allclose(spaces["logits"], expected, atol=1e-4)  # type: ignore[arg-type]


def test_it_says_what_there_is() -> None:
    text = PAGE.read_text(encoding="utf-8")
    own = {name for option in command.params for name in option.opts if name.startswith("--")}
    for name in {"--for", "--target", "--passes", "--explain-passes", "--checkpoint"} & own:
        assert name in text, name
        assert name in (ROOT / "docs" / "interfaces.md").read_text(encoding="utf-8"), name
    for name in (*NAMES, *PURPOSES, *TARGETS):
        assert f"`{name}`" in text or f"--for {name}`" in text, name
    assert f"{RIDGE}\nmultiply-accumulates for a byte" in text and f"{CALL // 1000} kB for a call" in text


def test_lines_fit_a_page() -> None:
    prose = _CONSOLE.sub("", re.sub(r"^\|.*$", "", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert max(map(len, prose.splitlines())) <= 125
