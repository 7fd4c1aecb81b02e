"""The form of a case on the shelf of messages, and how the command of a case is run.

$ archdsl check net.arch --set depth=4      (left out where it is `archdsl check` of the first file)
network n(depth) { … }                      (net.arch, unless other files follow)
== lib/blocks.arch ==                       (another file; with a slash at its end, a folder)
block b { … }
== odd.arch (python) ==                     (its text or bytes as an expression: tabs, CR, a million brackets)
b"block b {\r\n}"
------------------------------------------  (a ruler, and under it what the command prints)
error[E204]: …
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main

ROOT = Path(__file__).parents[2]
SHELF = Path(__file__).parent
RULER = "-" * 72

_RULER = re.compile(r"^-{20,}\n?", re.MULTILINE)
_HEADING = re.compile(r"^== (\S+)( \(python\))? ==\n", re.MULTILINE)
_FOUND = re.compile(r"^(?:error|warning)\[([EW]\d+)\]: ", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """A command, the files it finds in its folder (None for a folder), and what it is known to print."""

    command: tuple[str, ...]
    stdin: str | None
    files: dict[str, bytes | None]
    above: str
    printed: str


def read(path: Path) -> Case:
    """The case in a file of the shelf; a new one may lack the ruler and all under it."""
    text = path.read_text(encoding="utf-8")
    above, *below = _RULER.split(text, maxsplit=1)
    if above and not above.endswith("\n"):
        above += "\n"
    line, sources = "", above
    if above.startswith("$ archdsl "):
        line, _, sources = above.partition("\n")
    files = dict(_files(sources))
    words = shlex.split(line)[2:] if line else ["check", next(iter(files))]
    stdin = None
    if "<" in words:
        at = words.index("<")
        stdin = words[at + 1]
        del words[at : at + 2]
    return Case(tuple(words), stdin, files, above, "".join(below))


def _files(text: str) -> list[tuple[str, bytes | None]]:
    first, *rest = _HEADING.split(text)
    found: list[tuple[str, bytes | None]] = [("net.arch", first.encode())] if first or not rest else []
    for name, python, body in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        content = eval(body) if python else body
        data = content if isinstance(content, bytes) else content.encode()
        found.append((name, None if name.endswith("/") else data))
    return found


def run(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> str:
    """What the command of a case prints, on standard output and then on standard error."""
    for name, data in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if data is None:
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(data)
    monkeypatch.chdir(folder)
    given = (case.files[case.stdin] or b"") if case.stdin else None
    result = CliRunner().invoke(main, [*case.command, *more], input=given)
    error = result.exception
    assert error is None or isinstance(error, SystemExit), error
    printed = result.stdout + result.stderr
    for place, name in ((folder, "<folder>"), (ROOT, "<archdsl>")):
        printed = printed.replace(str(place.resolve()), name).replace(str(place), name)
    return printed


def codes(printed: str) -> list[str]:
    """The codes of the diagnostics that a command printed, in order."""
    return _FOUND.findall(printed)
