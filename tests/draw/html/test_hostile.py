"""A spec is untrusted: nothing of it becomes markup or a program of the page. And a page has a size."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from archdsl.api import load, loads
from archdsl.draw.html.page import page
from archdsl.draw.options import DrawOptions
from archdsl.draw.picture import Box, Cell, Cluster, End, Facts, Mark, Picture, Row, Title
from archdsl.draw.trim import DrawError
from archdsl.draw.view import view
from archdsl.graph.model import Graph
from archdsl.limits import Limits
from tests.draw.html.conftest import ROOT, Show
from tests.safety.twins import HOSTILE_TEXTS, readable

TINY = "network n {{ {doc}\n input x: [3, 8, 8]\n conv(4, 3)\n output y }}  # {comment}"
TEXTS = [readable(text) for text in HOSTILE_TEXTS] + [
    '<img src=x onerror="window.pwned = 1">',
    "\u2028\u2066",
]


def quoted(text: str) -> str:
    """A string of the language."""
    return '"' + re.sub(r'[\\"]', r"\\\g<0>", text).replace("{", "{{").replace("}", "}}") + '"'


def evil() -> Graph:
    """A network with markup in its docstring, its comments and the name of its file."""
    comment = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", " ".join(TEXTS))
    comment = re.sub("[\u2028\u2029\u202a-\u202e\u2066-\u2069]", " ", comment)
    doc = quoted("</script><script>window.pwned = 1</script>")
    return loads(TINY.format(doc=doc, comment=comment), "<b>.arch")._graph


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures whose every text is hostile: more than a spec can bring about."""
    texts = itertools.cycle(TEXTS)

    def facts(known: Facts) -> Facts:
        return replace(known, path=next(texts))

    def paint(item: Box | Mark | End | Cluster) -> Box | Mark | End | Cluster:
        if isinstance(item, Box):
            cells = tuple(
                Cell(next(texts), "convolution", next(texts), next(texts), facts(item.facts)) for _ in TEXTS
            )
            title = Title(next(texts), next(texts), 3, True, next(texts), True, next(texts), (next(texts),))
            return Box(
                item.id,
                (Row(cells, next(texts), told=True, times=2, span=1, growth=next(texts)),),
                facts(item.facts),
                title,
            )
        if isinstance(item, Cluster):
            return Cluster(
                item.id, Title(next(texts)), items=[paint(inner) for inner in item.items], facts=item.facts
            )
        return replace(item, name=next(texts), shape=next(texts), facts=facts(item.facts))

    def hostile(*given: object) -> Picture:
        picture = view(*given)  # type: ignore[arg-type]
        root = paint(picture.root)
        assert isinstance(root, Cluster)
        arrows = [
            replace(a, text=next(texts), name=next(texts), shape=next(texts), role=next(texts))
            for a in picture.arrows
        ]
        return Picture(root, arrows, [])

    monkeypatch.setattr("archdsl.draw.html.page.view", hostile)


class _Parsed(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.at = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.at = tag
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self.at = ""

    def handle_data(self, data: str) -> None:
        if self.at in self.inside:
            self.inside[self.at][-1] += data


@pytest.mark.usefixtures("painted")
def test_nothing_adds_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = _Parsed(page(evil()))
    monkeypatch.setattr("archdsl.draw.html.page.view", view)
    good = _Parsed(page(loads(TINY.format(doc="", comment=""), "n.arch")._graph))
    assert bad.tags == good.tags
    assert [name for name, _ in bad.attributes] == [name for name, _ in good.attributes]
    assert not [
        name for name, _ in bad.attributes if name.startswith("on") or name in ("src", "href", "style")
    ]
    assert bad.inside["script"][1:] == good.inside["script"][1:]
    assert not set("<>&") & set(bad.inside["script"][0])
    texts = json.dumps(json.loads(bad.inside["script"][0]), ensure_ascii=False)
    assert "alert(1)" in texts
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", texts)


def test_the_policy_allows_the_style_and_the_script_of_the_page_alone() -> None:
    parsed = _Parsed(page(load(ROOT / "specs" / "vgg.arch", "vgg16")._graph))
    policy = next(
        value for name, value in parsed.attributes if name == "content" and value and "default-src" in value
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    hashes = {
        place: "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
        for place, text in (
            ("style-src", parsed.inside["style"][0]),
            ("script-src", parsed.inside["script"][1]),
        )
    }
    assert rules == {"default-src": "'none'", **hashes, "base-uri": "'none'", "form-action": "'none'"}


@pytest.mark.usefixtures("painted")
def test_hostile_texts_in_the_browser(show: Show) -> None:
    browser = show(evil())
    browser.press("open")
    for made in browser.all(".cell")[::12][:8]:
        browser.point_at(made)
    assert browser.run("return window.pwned") is None
    assert browser.run("return document.querySelectorAll('img, image, iframe, table, script').length") == 2
    assert "<script>alert(1)</script>" in browser.run("return document.getElementById('stage').textContent")
    assert "</script><script>window.pwned" in browser.run(
        "return document.getElementById('spec').textContent"
    )
    assert "</script><script>window.pwned" in browser.run("return document.getElementById('doc').textContent")
    browser.one("#search").send_keys("<script>")
    assert browser.text("#count").startswith("1 of ")


def test_the_browser_holds_to_the_policy(show: Show) -> None:
    browser = show(loads(TINY.format(doc="", comment=""), "n.arch")._graph)
    browser.run(
        "const made = document.createElement('script'); made.textContent = 'window.pwned = 1';"
        "document.body.append(made); const image = new Image(); image.src = 'http://127.0.0.1:9/x.png';"
        "document.body.append(image);"
    )
    assert browser.run("return window.pwned") is None
    complaints = browser.complaints()
    assert len([said for said in complaints if "Content Security Policy" in said]) == len(complaints) == 2
    assert [url for url in browser.requests() if not url.startswith("file:")] == []


@pytest.mark.parametrize(
    ("spec", "model"),
    [
        ("residual_attention.arch", "attention92"),
        ("dla.arch", "dla169"),
        ("hrnet.arch", "hrnet_w48"),
        ("preact_cifar.arch", "resnet110_exclusive"),
    ],
)
def test_the_largest_of_the_zoo_are_small(spec: str, model: str) -> None:
    assert len(page(load(ROOT / "specs" / spec, model)._graph).encode()) < 350_000


def test_a_long_spec_is_shown_around_what_is_drawn() -> None:
    lines = "\n".join(f"# {'x' * 90} {number}" for number in range(20_000))
    text = f"{lines}\nnetwork n {{ input x: [3, 8, 8]\n conv(4, 3)\n output y }}\n{lines}\n"
    made = page(loads(text, "n.arch")._graph)
    assert len(made) < 120_000
    data = json.loads(_Parsed(made).inside["script"][0])
    (source,) = data["sources"]
    numbers = [number for number, _ in source["lines"]]
    assert {20_001, 20_002, 20_003} <= set(numbers)
    assert numbers[0] > 19_900 and numbers[-1] < 20_100 and source["cut"]


def test_no_folders_of_the_machine_are_told(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "one.arch").write_text(
        "block one { conv(4, 3) -> relu -> conv(4, 3) }\n", encoding="utf-8"
    )
    spec = "from blocks.one import one\nnetwork n { input x: [3, 8, 8]\n one\n bn\n output y }\n"
    (tmp_path / "net.arch").write_text(spec, encoding="utf-8")
    made = page(load(tmp_path / "net.arch")._graph)
    names = [source["name"] for source in json.loads(_Parsed(made).inside["script"][0])["sources"]]
    assert names == ["net.arch", "blocks/one.arch"]
    assert str(tmp_path) not in made


def test_many_boxes_are_bounded() -> None:
    layers = "\n".join(f"  b{n} = ( it | conv(4, {n % 3 * 2 + 1}) ) -> add" for n in range(200))
    made = page(loads(f"network n {{\n  input x: [4, 8, 8]\n{layers}\n  output y }}", "n.arch")._graph)
    assert len(made) < 1_000_000


def test_what_is_too_dense_is_drawn_from_afar() -> None:
    layers = "\n".join(
        f"  x{n} = ( {' | '.join(f'x{k}' for k in range(n))} ) -> add -> sigmoid" for n in range(2, 40)
    )
    graph = loads(
        f"network n {{\n  input x0: [4, 8, 8]\n  x1 = x0 -> sigmoid\n{layers}\n  output y }}", "n.arch"
    )._graph
    assert len(page(graph)) < 200_000
    from_afar = page(graph, limits=Limits(drawing_effort=1))
    assert len(from_afar) < len(page(graph)) and " layers" in from_afar


def test_equal_input_equal_bytes() -> None:
    code = (
        "import sys; from archdsl.api import load; from archdsl.draw.html.page import page\n"
        "from archdsl.draw.options import DrawOptions\n"
        "graph = load('specs/googlenet.arch', 'googlenet')._graph\n"
        "for options in ({}, {'depth': 0}, {'direction': 'LR', 'cost': True}, {'depth': 1, 'expand': ('inception4a',)}):\n"
        "    sys.stdout.buffer.write(page(graph, DrawOptions(**options)).encode())\n"
        "assert not {'torch', 'graphviz', 'pygraphviz', 'jinja2'} & set(sys.modules)\n"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1]
    assert made[0].count(b"<!DOCTYPE html>") == 4


def opened(options: DrawOptions) -> list[str]:
    """The paths of the blocks that are open at first."""
    graph = load(ROOT / "specs" / "densenet.arch", "densenet121")._graph
    data = json.loads(_Parsed(page(graph, options)).inside["script"][0])
    found: list[str] = []

    def walk(item: dict[str, Any]) -> None:
        found.extend([item["facts"]["path"]] if item["id"] in data["open"] else [])
        for inner in item.get("items", ()):
            walk(inner)

    walk(data["root"])
    return found


def test_what_is_open_at_first() -> None:
    block = "features.denseblock3.denselayer1"
    assert opened(DrawOptions(depth=1)) == ["features"]
    assert opened(DrawOptions(depth=0, expand=(block,))) == ["features", block]
    assert block not in opened(DrawOptions(depth=2, collapse=(block,)))
    assert block in opened(DrawOptions(depth=2))
    with pytest.raises(DrawError, match="there is no block `denseblock`"):
        opened(DrawOptions(expand=("denseblock",)))


def test_a_block_alone() -> None:
    graph = load(ROOT / "specs" / "resnet.arch", "resnet50")._graph
    made = page(graph, DrawOptions(block="bottleneck"))
    assert "<title>bottleneck" in made
    root = json.loads(_Parsed(made).inside["script"][0])["root"]
    assert [item["kind"] for item in root["items"]].count("mark") == 1


def test_options_are_heard() -> None:
    graph = load(ROOT / "specs" / "densenet.arch", "densenet121")._graph
    data = [
        json.loads(_Parsed(page(graph, options)).inside["script"][0])
        for options in (DrawOptions(), DrawOptions(depth=0), DrawOptions(direction="LR", cost=True))
    ]
    assert [len(each["open"]) > 0 for each in data] == [True, False, True]
    assert [each["direction"] for each in data] == ["TB", "TB", "LR"]
    assert [each["cost"] for each in data] == [False, False, True]
