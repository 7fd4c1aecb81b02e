"""`specs/README.md` is what the specs and the tables say; `--update` rewrites it. How lines are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.api import open_spec
from tests.zoo.lines import python_lines, spec_lines
from tests.zoo.page import PAGE, page

SPEC = """\
"A docstring of the file."

from std.residual import residual   # and a comment

default conv(bias=false)

let width = 8
let unused = 9

block unit(channels) {
  "A docstring."
  # a comment

  conv(channels, 3) -> bn
}

block other { relu }

network small(depth) {
  "One."
  input x: [3, 8, 8]
  conv(width, 1)
  residual(unit(width)) * depth
  output y
}

model tiny = small(2) { expect y.shape == [8, 8, 8] }
model large = small(
  20
)
"""


def test_page(update: bool) -> None:
    text = page()
    if update:
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "specs/README.md has drifted: `make reference`"


@pytest.mark.parametrize(("model", "lines"), [("tiny", 13), ("large", 15)])
def test_lines_of_a_spec(model: str, lines: int, tmp_path: Path) -> None:
    """The import, the default, `width`, `unit`, `small`, and the model; of the library, `residual`."""
    path = tmp_path / "small.arch"
    path.write_text(SPEC, encoding="utf-8")
    assert spec_lines(open_spec(path), model) == (lines, 3)


def test_lines_of_a_module() -> None:
    source = '"""A docstring."""\n\n# a comment\nimport a  # and another\n\n\nclass B:\n    """Of two\n\n    lines."""\n\n    x = """\n\nq"""\n'
    assert python_lines(source) == 5
