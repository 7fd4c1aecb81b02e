"""`docs/library.md` and its pictures are what the library and its tests say; `--update` rewrites them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.zoo.library_page import DOCS, FILES, PAGE, PICTURES, Block, blocks, example, origin, page, picture

BLOCKS = [block for file in FILES for block in blocks(file)]
each = pytest.mark.parametrize("block", BLOCKS, ids=[block.picture.stem for block in BLOCKS])


def test_page(update: bool) -> None:
    text = page()
    if update:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "docs/library.md has drifted: `make reference`"


@each
def test_picture(block: Block, update: bool) -> None:
    """It is of the diagram as it is now, by whichever Graphviz."""
    if update and not (
        block.picture.is_file() and origin(block) in block.picture.read_text(encoding="utf-8")
    ):
        PICTURES.mkdir(exist_ok=True)
        block.picture.write_bytes(picture(block))
    assert block.picture.is_file(), f"{block.picture.name} is missing: `make reference`"
    assert origin(block) in block.picture.read_text(encoding="utf-8"), (
        f"{block.picture.name} has drifted: `make reference`"
    )


@each
def test_example(block: Block) -> None:
    """The block is in its example, which the diagram shows."""
    _, arch = example(block)
    assert any(block.declaration.name in blocks for _, blocks in arch.graph.nodes(data="blocks"))


def test_nothing_is_left_over() -> None:
    """Every picture is of a block and is shown."""
    shown = {DOCS / path for path in re.findall(r"^!\[.*\]\((.+)\)$", page(), re.MULTILINE)}
    assert shown == set(PICTURES.iterdir()) == {block.picture for block in BLOCKS}


def test_headings() -> None:
    """Each file and each block has one of its own, which links lead to."""
    text = page()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert len(set(headings)) == len(headings)
    assert {block.declaration.name for block in BLOCKS} == set(re.findall(r"\[`(\w+)`\]\(#\1\)", text))


def test_a_block_without_example_is_told(tmp_path: Path) -> None:
    """The message says where to add one."""
    path = tmp_path / "conv.arch"
    path.write_text("block nowhere { relu }\n", encoding="utf-8")
    (block,) = blocks(path)
    with pytest.raises(AssertionError, match=r"`nowhere` of std/conv\.arch has no example: add a case"):
        example(block)
