"""What docs/porting.md shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

pytest.importorskip("torch")

from click.testing import CliRunner

from archdsl.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "porting.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:<!-- (\S+) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)


@pytest.mark.torch
def test_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: bool) -> None:
    """From the top down: files are written, Python is run, and commands say what the page shows."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "example"}
    page = TEXT
    for name, language, text in BLOCK.findall(TEXT):
        if language == "console":
            command = text.split("\n", 1)[0]
            done = CliRunner().invoke(main, shlex.split(command.removeprefix("$ archdsl ")))
            shown = f"{command}\n{done.output}"
            if not update:
                assert shown == text
            page = page.replace(f"```console\n{text}```", f"```console\n{shown}```")
            continue
        Path(name).write_text(text, encoding="utf-8")
        if language == "python":
            exec(compile(text, name, "exec"), names)
    if update:
        PAGE.write_text(page, encoding="utf-8")
    assert len(BLOCK.findall(TEXT)) == 6
