"""`docs/layers.md` is what the declarations say; `--update` rewrites it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from archdsl.cli import main
from archdsl.diagnostics import Collector
from archdsl.manual.entry import entry, names, outline
from archdsl.source import Source
from archdsl.syntax.parser import parse

PAGE = Path(__file__).parents[2] / "docs" / "layers.md"


def printed() -> str:
    """What `archdsl layers --format md` prints."""
    return CliRunner().invoke(main, ["layers", "--format", "md"]).output


def test_page(update: bool) -> None:
    text = printed()
    if update:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "docs/layers.md has drifted: `make reference`"


def test_links() -> None:
    """Every layer and initialiser has a heading of its own, and a link to it."""
    text = printed()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert len(set(headings)) == len(headings)
    wanted = {entry.name for entry in outline()}
    assert wanted == set(re.findall(r"\[`(\w+)`\]\(#\1\)", text)) == {h for h in headings if h in names()}


@pytest.mark.parametrize("name", names())
def test_code_in_words(name: str) -> None:
    """What is quoted in documentation is a shape or code of the language, as far as its syntax goes."""
    told = entry(name)
    texts = [told.doc, told.rule, *(parameter.doc for parameter in told.parameters)]
    for code in [code for text in texts for code in re.findall(r"`([^`]+)`", text)]:
        found = Collector()
        parse(Source("<words>", f"block words {{ {code} }}"), found)
        assert not found.diagnostics or code == "start:stop", code


def test_lines_are_not_too_long() -> None:
    """Code does not wrap: what stands in a block fits a page."""
    blocks = re.findall(r"^```\w+\n(.*?)^```", printed(), re.MULTILINE | re.DOTALL)
    assert blocks
    assert [line for block in blocks for line in block.splitlines() if len(line) > 120] == []
