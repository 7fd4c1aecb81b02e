"""What README.md shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The specs of README.md, in files of the names that stand above them."""
    for name, text in re.findall(r"<!-- (\w+\.arch) -->\n```arch\n(.*?)```", README, re.DOTALL):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert len(list(tmp_path.iterdir())) == README.count("```arch")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_opens_with_the_two_commands() -> None:
    lines = [line for line in README.splitlines() if line.strip()]
    assert lines[1].split()[:2] == ["make", "demo"] and lines[2].split()[:2] == ["make", "test"]


#: What differs from one machine to the next: versions and roundings.
LOCAL = [(r"\((torch|torchvision) [\d.+\w]+(, torchvision [\d.+\w]+)?\)", "(versions)"), (r"\b\d\.\de-\d\d (?=\()", "0 "),
         (r"(of \d+ tensors), .*", r"\1"), (r"difference is \d\.\de-\d\d", "difference is 0"), (r"  +", "  ")]  # fmt: skip


def portable(text: str) -> str:
    for pattern, same in LOCAL:
        text = re.sub(pattern, same, text)
    return text


def marks(command: str) -> list[pytest.MarkDecorator]:
    """`verify` runs the network."""
    return [pytest.mark.torch, pytest.mark.zoo, pytest.mark.slow] if " verify " in command else []


SESSIONS = [
    tuple(part.split("\n", 1))
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("command", "expected"),
    [pytest.param(command, expected, id=command, marks=marks(command)) for command, expected in SESSIONS],
)
def test_sessions(command: str, expected: str) -> None:
    program, *arguments = shlex.split(command)
    assert program == "archdsl"
    output = CliRunner().invoke(main, arguments).output
    assert portable(output) == portable(expected)


@pytest.mark.torch
@pytest.mark.usefixtures("folder")
def test_python(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    (printed,) = re.findall(r"^print.*  # (.*)$", code, re.MULTILINE)[:1]
    assert capsys.readouterr().out.startswith(printed + "\n")
    assert type(names["net"]).__mro__[-2].__name__ == "Module"


def test_commands_are_those_of_the_program() -> None:
    table = set(re.findall(r"^\| `archdsl (\w+)", README, re.MULTILINE))
    assert table == set(main.about)


def test_changelog_has_the_version() -> None:
    from archdsl.version import __version__

    assert f"\n## {__version__}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
