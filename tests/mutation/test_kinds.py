"""The harness itself: every kind finds places, edits know their lines, and what may be said of a mutant is told apart."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.mutation import run, table
from tests.mutation.catalogue import catalogue
from tests.mutation.kinds import Kind
from tests.mutation.measure import SPECS, Outcome, Zoo, judge, wrong_shapes
from tests.mutation.page import Cut, Edit, Page


@pytest.fixture(scope="module")
def unet() -> Zoo:
    return Zoo(SPECS / "unet.arch")


def test_there_are_many_kinds() -> None:
    assert len(catalogue()) >= 30
    assert len({kind.about for kind in catalogue()}) == len(catalogue())


@pytest.mark.parametrize("kind", catalogue(), ids=lambda kind: kind.name)
def test_kind_has_places_in_the_zoo(kind: Kind) -> None:
    for name in run.specs():
        zoo = run.zoo(name)
        for edit in zoo.edits(kind, places=1):
            content, lines = edit.apply(zoo.page.text)
            assert content != zoo.page.text
            assert lines
            return
    raise AssertionError(f"no spec has a place for {kind.name}")


def test_places_are_always_the_same() -> None:
    for kind in list(catalogue())[::10]:
        assert Zoo(SPECS / "vit.arch").edits(kind, 3) == Zoo(SPECS / "vit.arch").edits(kind, 3)


TEXT = "one\ntwo (\nthree\nfour\n"


@pytest.mark.parametrize(
    ("edit", "content", "lines"),
    [
        (Edit((Cut(4, 7, "2"),)), "one\n2 (\nthree\nfour\n", {2}),
        (Edit((Cut(3, 4, " "),)), "one two (\nthree\nfour\n", {1}),
        (Edit((Cut(3, 3, "\nnew"),)), "one\nnew\ntwo (\nthree\nfour\n", {1, 2}),
        (Edit((Cut(0, 0, "new\n"), Cut(16, 20, "4"))), "new\none\ntwo (\nthree\n4\n", {1, 2, 5}),
        (Edit((Cut(0, 0, "new\n"), Cut(10, 15, "3")), (8,)), "new\none\ntwo (\n3\nfour\n", {1, 2, 3, 4}),
    ],
)
def test_edited_lines(edit: Edit, content: str, lines: set[int]) -> None:
    assert edit.apply(TEXT) == (content, lines)


def judged(zoo: Zoo, before: str, after: str, illegal: bool = True) -> Outcome:
    at = zoo.page.text.index(before)
    kind = Kind("own", "syntax", illegal, "a test", lambda page: iter(()))
    return judge(zoo, kind, Edit((Cut(at, at + len(before), after),)))


def test_verdicts(unet: Zoo) -> None:
    found = judged(unet, "-> relu", "-> rleu")
    assert (found.verdict, found.alone, found.on_line) == ("errors", True, True)
    found = judged(unet, "block middle", "block muddle")
    assert (found.verdict, found.alone, found.on_line) == ("errors", True, False)
    assert judged(unet, "# Section 3", "# section 3").verdict == "equivalent"
    found = judged(unet, "-> dropout  ", "-> dropout(0.1)  ")
    assert (found.verdict, found.fault, found.counts) == ("silent", "accepted", True)
    found = judged(unet, "-> dropout  ", "-> dropout(0.1)  ", illegal=False)
    assert (found.verdict, found.fault, found.counts) == ("silent", "", False)


def test_a_crash_is_told(unet: Zoo, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr("archdsl.api.spec.elaborate", fail)
    found = judged(unet, "-> relu", "-> gelu")
    assert found.verdict == "crash"
    assert "too deep" in found.fault


@pytest.mark.torch
def test_a_module_of_other_shapes_is_told(unet: Zoo) -> None:
    right = unet.spec().architecture("unet256")
    assert wrong_shapes(right) == ""
    graph = unet.spec().architecture("unet572")._graph
    lying = SimpleNamespace(build=right.build, inputs=right.inputs, _graph=graph)
    assert "but the module gives" in wrong_shapes(lying)  # type: ignore[arg-type]


def test_misspelt_names_are_new() -> None:
    page = Page(SPECS / "vit.arch", (SPECS / "vit.arch").read_text(encoding="utf-8"))
    for name in ("conv", "dropout", "encoder_layer", "H", "i", "dim"):
        wrong = page.misspelt(name)
        assert wrong is not None
        assert wrong not in page.names


def test_page_lists_every_kind() -> None:
    page = (SPECS.parent / "docs" / "mutation.md").read_text(encoding="utf-8")
    missing = [kind.name for kind in catalogue() if f"| {table.title(kind)} |" not in page]
    assert not missing, "docs/mutation.md has drifted: `make mutation`"
