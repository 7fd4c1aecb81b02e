"""What a notebook shows of an Architecture."""

from __future__ import annotations

import base64
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import archdsl
from archdsl.api import Architecture
from archdsl.api.notebook import MOST_LINES, MOST_ROWS
from tests.draw.test_dot import EVIL, evil

SPECS = Path(__file__).parent.parent.parent / "specs"
TINY = "network tiny { input image: [3, 8, 8]\n conv(4, 3) -> bn -> relu\n output y }"
VOID = ("img", "br")


class Page(HTMLParser):
    """The tags of a page, which has to close what it opens; its texts; and what its images are."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.keys: set[str] = set()
        self.texts: list[str] = []
        self.images: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.keys |= {key for key, _ in attrs}
        if tag == "img":
            self.images.append(dict(attrs)["src"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def drawing(page: Page) -> str:
    (image,) = page.images
    head, _, data = image.partition(",")
    assert head == "data:image/svg+xml;base64"
    return base64.b64decode(data).decode()


def test_diagram_and_summary() -> None:
    arch = archdsl.load(SPECS / "densenet121.arch")
    page = Page(arch._repr_html_())
    svg = drawing(page)
    assert "64 → 256, +32 each" in svg and "× 24" in svg
    at = page.texts.index("denseblock4")
    assert page.texts[at : at + 4] == ["denseblock4", "1024×7×7", "2,158,080", "104,366,080"]
    assert " of densenet121.arch: 7,978,856 parameters, 2,834,161,664 MACs" in page.texts


def test_without_graphviz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An outline takes the place of the diagram."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    page = Page(archdsl.load(SPECS / "densenet121.arch")._repr_html_())
    assert not page.images
    assert any(text.startswith("denseblock2 denselayer1…12 × 12 128 → 512, +32 each") for text in page.texts)
    assert any("pip install 'pygraphviz>=2'" in text for text in page.texts)
    assert "denseblock4" in page.texts  # of the summary


def test_size(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a deep nor a long network fills the notebook."""
    lines = "\n".join(
        f"conv({i}, 3) -> layer{i}: conv({i + 1}, 3) -> lrn({i}) -> softmax" for i in range(1, 400)
    )
    arch = archdsl.loads(
        f"network long {{ input image: [3, 8, 8]\n {lines.replace(chr(10), ' -> ')}\n output y }}"
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    text = arch._repr_html_()
    page = Page(text)
    assert text.count("<tr>") <= MOST_ROWS + 3 and text.count("<li>") <= MOST_LINES
    (more,) = [text for text in page.texts if re.fullmatch(r"… and [\d,]+ more", text)]
    assert int(more.split()[2].replace(",", "")) == len(arch) + 1 - MOST_ROWS


@pytest.mark.parametrize("words", EVIL)
@pytest.mark.parametrize("engine", [True, False])
def test_nothing_in_a_spec_becomes_markup(
    words: str, engine: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if not engine:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setitem(sys.modules, "pygraphviz", None)
    graph = evil(words)
    arch = archdsl.loads(TINY)
    shown = Architecture(graph, [], words, arch._limits, lambda _: arch)
    page = Page(shown._repr_html_())
    assert page.tags <= {"div", "p", "b", "table", "tr", "td", "th", "img", "ul", "li", "small", "code"}
    assert page.keys <= {"class", "style", "src", "alt"}


def test_in_ipython(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that ends with an Architecture gives HTML, and text for where there is none."""
    pytest.importorskip("IPython")
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell = InteractiveShell.instance()
    shell.display_formatter.active_types = ["text/plain", "text/html", "image/svg+xml"]
    cell = shell.run_cell(f"import archdsl\narchdsl.loads({TINY!r})")
    found, _ = shell.display_formatter.format(cell.result)
    assert set(found) == {"text/plain", "text/html"}
    assert found["text/plain"] == repr(cell.result)
    assert drawing(Page(found["text/html"])).count("conv 3×3, 4")
