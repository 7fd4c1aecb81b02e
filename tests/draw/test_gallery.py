"""`docs/gallery.md` and its pictures are what is drawn today; `--update` (`make gallery`) rewrites them."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.draw.gallery_page import DOCS, DRAWINGS, PAGE, PICTURES, SPECS, Drawing, origin, page, picture

#: Bytes: the pictures are in the repository.
LARGEST, ALL = 120_000, 2_500_000
#: One of each kind.
COMMANDS = {"lenet5", "block.inception", "figure.vgg16", "option.cost", "option.direction", "option.diff"}


def test_page(update: bool) -> None:
    text = page()
    if update:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "docs/gallery.md has drifted: `make gallery`"


@pytest.mark.parametrize("drawing", DRAWINGS, ids=[drawing.file for drawing in DRAWINGS])
def test_picture(drawing: Drawing, update: bool) -> None:
    """It is of the drawing as it is now, by whichever Graphviz."""
    path = drawing.picture
    if update and not (path.is_file() and origin(drawing) in path.read_text(encoding="utf-8")):
        PICTURES.mkdir(exist_ok=True)
        path.write_bytes(picture(drawing))
    assert path.is_file(), f"{path.name} is missing: `make gallery`"
    text = path.read_text(encoding="utf-8")
    assert origin(drawing) in text, f"{path.name} has drifted: `make gallery`"
    assert ElementTree.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"
    assert len(text) <= LARGEST
    assert str(DOCS.parent) not in text  # the folder of whoever drew it


def test_every_family_is_shown() -> None:
    """And no picture is left over."""
    shown = {DOCS / path for path in re.findall(r'<img src="([^"]+)"', PAGE.read_text(encoding="utf-8"))}
    assert shown == set(PICTURES.iterdir()) == {drawing.picture for drawing in DRAWINGS}
    assert {drawing.spec for drawing in DRAWINGS if drawing.chapter == "networks"} == {
        Path(file).stem for file in SPECS.glob("*.arch")
    }
    assert sum(path.stat().st_size for path in shown) <= ALL


def test_the_commands_draw_the_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands below a picture is the command that made it."""
    from click.testing import CliRunner

    from archdsl.cli import main

    monkeypatch.chdir(SPECS)
    for drawing in (drawing for drawing in DRAWINGS if drawing.file in COMMANDS):
        target = tmp_path / f"{drawing.file}.svg"
        words = drawing.command.split()[1:]
        done = CliRunner().invoke(main, [*words, "-o", str(target)])
        assert done.exit_code == 0, done.output
        said, shown = (
            re.findall(r">([^<>]*)</text>", path.read_text(encoding="utf-8"))
            for path in (target, drawing.picture)
        )
        assert said == shown
