"""`docs/layers.md` is what the declarations say; `--update` rewrites it."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from archdsl.cli import main
from archdsl.manual.entry import names, outline

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


def test_lines_are_not_too_long() -> None:
    """Code does not wrap: what stands in a block fits a page."""
    blocks = re.findall(r"^```\w+\n(.*?)^```", printed(), re.MULTILINE | re.DOTALL)
    assert blocks
    assert [line for block in blocks for line in block.splitlines() if len(line) > 120] == []
