"""What commands say, whatever stands in a spec or on their line: nothing that a terminal or a workflow obeys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from unicodedata import category

import pytest
from click.testing import CliRunner, Result

from archdsl.cli import main
from tests.safety.twins import HOSTILE_TEXTS, readable, written

#: Mistakes whose messages quote the author: `@` is his text.
BROKEN = """\
"@"  # @
let word = "@"
block b(mode = "@") { expect mode in ["a"], "@" }
network n(kind = "@") {
  input image: [3, 8, 8]
  "@": conv(8, 3)
  conv("@", 3)
  conv(8, 3, "@"=2)
  conv(8, 3, pad="@")
  conv(8 + "@", 3)
  b("@")
  expect kind == "@x", "@"
  expect params == 1, "@"
  relu -> ["@"]
  output y
}
"""
SOUND = """\
"@"
extern block e(said) { python = "some.where.E({said})"; shape = in.shape }
network n(kind = "@") { input image: [3, 8, 8]; e(kind) -> conv(4, 3); output y }
"""
#: Control characters, marks of direction and others that are not shown, surrogates, separators of lines.
HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
FORMATS = ("text", "concise", "json", "sarif", "github")
HARMFUL = [text for text in HOSTILE_TEXTS if text.strip() and "import os" not in text and "{" not in text]
#: What programs that read a log take for a command, at the beginning of a line.
COMMAND = re.compile(r"^\s*(::|##\[)", re.MULTILINE)

Say = Callable[..., Result]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Say:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, colors: bool = False) -> Result:
        result = CliRunner().invoke(main, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert result.exit_code in (0, 1, 2)
        assert "internal error" not in result.stderr
        for stream in (result.stdout, result.stderr):
            shown = re.sub(r"\x1b\[[0-9;]*m", "", stream) if colors else stream
            hidden = {char for char in shown if category(char) in HIDDEN and char != "\n"}
            assert not hidden, (arguments, hidden)
        if "github" not in arguments:
            assert not COMMAND.search(result.stdout + result.stderr)
        return result

    return call


@pytest.mark.parametrize("text", HARMFUL)
def test_messages(text: str, say: Say, tmp_path: Path) -> None:
    comment = readable(text).replace("\n", " ")
    body = BROKEN.replace("# @", f"# {comment}").replace("@", written(readable(text)))
    (tmp_path / "net.arch").write_text(body, encoding="utf-8", newline="")
    for format in FORMATS:
        result = say("check", "net.arch", "--format", format)
        assert result.exit_code == 1
        if format in ("json", "sarif"):
            json.loads(result.stdout)
            assert result.stdout.isascii()
        if format == "github":
            lines = result.stdout.splitlines()
            assert lines and all(
                re.match(r"::(error|warning) file=net\.arch,line=\d+,", line) for line in lines
            )
    say("check", "net.arch", "--color", "always", colors=True)


@pytest.mark.parametrize("text", HARMFUL)
def test_what_is_asked_for(text: str, say: Say, tmp_path: Path) -> None:
    (tmp_path / "net.arch").write_text(SOUND.replace("@", "kind"), encoding="utf-8")
    for arguments in [
        ("check", "net.arch", "-m", text),
        ("check", "net.arch", "--set", f"kind={text}"),
        ("check", "net.arch", "--set", f"{text}=1"),
        ("check", "net.arch", "--input", f"image={text}"),
        ("check", "net.arch", "--input", f"{text}=3x8x8"),
        ("check", "net.arch", "-I", text),
        ("check", "net.arch", "--format", text),
        ("check", "net.arch", f"--{text}"),
        ("check", f"{text}.arch"),
        ("compile", "net.arch", "-o", f"no/{text}"),
        ("draw", "net.arch", "-o", f"no/{text}", "--format", "dot"),
        ("draw", "net.arch", "-o", f"x.{text}"),
        ("summary", "net.arch", "--depth", text),
        ("explain", text),
        ("layers", text),
        (text,),
    ]:
        say(*arguments)


NAMES = [
    "\x1b[31mred",
    "a\nb",
    "\n::error::PWNED",
    "\u202egnp",
    "\udcff",
    "<script>|`*",
    "a%0Ab",
    "-o",
    "a,b:c",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files(name: str, say: Say, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.arch"
    path.write_text(SOUND.replace("@", "kind"), encoding="utf-8")
    for command in ("check", "summary"):
        assert say(command, "--", path.name).exit_code == 0
    for format in ("md", "csv"):
        assert say("summary", "--format", format, "--", path.name).exit_code == 0
    assert json.loads(say("summary", "--format", "json", "--", path.name).stdout)["model"] == "n"
    assert say("compile", "-o", f"{name}.py", "--", path.name).exit_code == 0
    assert say("draw", "--format", "svg", "-o", f"{name}.svg", "--", path.name).exit_code == 0
    path.write_text("network n {", encoding="utf-8")
    for format in FORMATS:
        result = say("check", "--format", format, "--", path.name)
        assert result.exit_code == 1
        if format in ("json", "sarif"):
            json.dumps(json.loads(result.stdout), ensure_ascii=False).encode("utf-8")


def test_markdown_shows_the_name_of_a_file(say: Say, tmp_path: Path) -> None:
    (tmp_path / "<b>`|.arch").write_text(SOUND, encoding="utf-8")
    first = say("summary", "--format", "md", "<b>`|.arch").stdout  # is text
    assert "<b>" not in first.replace("\\<", "")
