"""What the formatter makes is held against the text before anybody gets it."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from archdsl import canonical
from archdsl.api import Options, Spec
from archdsl.canonical import Unfaithful, fingerprint
from archdsl.formatting import formatting
from archdsl.formatting.algebra import Doc, Text
from archdsl.formatting.expressions import ExpressionWriter
from archdsl.formatting.formatting import formatted
from archdsl.formatting.pen import Copy
from archdsl.formatting.remarks import with_remarks
from archdsl.graph.model import Graph
from archdsl.limits import Limits
from archdsl.source import Source

TEXT = """\
network n(width = 8) {   # a comment
  input image: [3, 8, 8]
  conv(width,3)->bn->relu
  output y
}
"""


def changed(text: str, monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    """Let the formatter write a word that the text does not have."""
    take = Copy._take

    def wrong(self: Copy) -> Doc:
        word = self.next
        made = take(self)
        return Text(to) if word == text else made

    monkeypatch.setattr(Copy, "_take", wrong)


@pytest.mark.parametrize(
    ("word", "to", "told"),
    [
        ("relu", "gelu", "it would say something else: Name, line 3"),
        ("3", "4", "it would say something else: Number, line 2"),
        ("{", "", "line 1 would be wrong"),
        ("{", "{ output z\n", "it would say something else"),
    ],
)
def test_another_tree(word: str, to: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changed(word, monkeypatch, to)
    with pytest.raises(Unfaithful, match=told):
        formatted(Source("n.arch", TEXT))


def test_a_lost_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting, "with_remarks", lambda rows: [row.code for row in rows])
    with pytest.raises(Unfaithful, match="a comment would be lost"):
        formatted(Source("n.arch", TEXT))


def test_not_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(9))

    def restless(rows: object) -> list[str]:
        lines = with_remarks(rows)  # type: ignore[arg-type]
        lines[1] = " " * next(times) + lines[1]
        return lines

    monkeypatch.setattr(formatting, "with_remarks", restless)
    with pytest.raises(Unfaithful, match="formatted again, line 2 would be another"):
        formatted(Source("n.arch", TEXT))


def test_another_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExpressionWriter, "arguments", lambda self, node: Text("()"))
    with pytest.raises(Unfaithful, match=r"`->` is to be written where the text has `\(`"):
        formatted(Source("n.arch", TEXT))


def test_another_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree that is the same and means something else."""
    made = iter(["one", "other"])
    monkeypatch.setattr(canonical, "fingerprint", lambda graph: next(made))
    with pytest.raises(Unfaithful, match="model `n` would be another graph"):
        archdsl.format(TEXT)


def test_a_text_in_order_is_not_elaborated(monkeypatch: pytest.MonkeyPatch) -> None:
    found = archdsl.format(TEXT)
    monkeypatch.setattr(canonical, "Spec", None)
    assert archdsl.format(found) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("conv(8, 3)", "conv(8, 5)"),
        ("conv(8, 3)", "a: conv(8, 3)"),
        ("conv(8, 3) -> bn", "conv(8, 3) -> bn -> identity -> relu"),
        ("( relu | tanh ) -> sub", "( tanh | relu ) -> sub"),
        ("conv(8, 3, init=zeros)", "conv(8, 3, init=ones)"),
        ("dropout(0.1)", "dropout(0.2)"),
        ("let x = 0; output z = relu", "let x = 0; output z = relu when training"),
    ],
)
def test_fingerprints_differ(one: str, other: str) -> None:
    marks = []
    for flow in (one, one, other):
        text = f"network n {{ input x: [8, 8, 8]; {flow}; output y }}"
        spec = Spec(Source("<text>", text), None, Options())
        marks.append(fingerprint(spec.architecture()._graph))
    assert marks[0] == marks[1] != marks[2]


def test_mistakes_of_syntax() -> None:
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.format("block b { conv(8 3) }")
    assert [d.code for d in caught.value.diagnostics] == ["E101"]


def test_other_mistakes_are_none_of_the_formatter() -> None:
    assert archdsl.format("network n{convv(8,3)}") == "network n { convv(8, 3) }\n"


def test_line_ends() -> None:
    assert archdsl.format("let a=1\r\n# c\r\nlet b=2\rlet c=3") == "let a = 1\n# c\nlet b = 2\nlet c = 3\n"


def test_nothing() -> None:
    assert archdsl.format("") == ""
    assert archdsl.format(" \n\t\n") == ""
    assert archdsl.format("\n# a\n\n\n#b") == "# a\n\n#b\n"


def test_imports_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "parts.arch").write_text("block wide { conv(8,3) }\n", encoding="utf-8")
    text = "from parts import wide\nnetwork n { input x: [3, 8, 8]; wide; output y }\n"
    assert "input x: [3, 8, 8]" in archdsl.format(text, str(tmp_path / "main.arch"))


def test_lines_that_are_words_too_many() -> None:
    """What ends a line counts as a word; a text that is full of them can be too large when it is laid out."""
    text = f"let x = [{', '.join('1234567890' for _ in range(1000))}]\n"
    options = archdsl.Options(limits=Limits(words=2020))
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.format(text, options=options)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("E904", "formatted, the text has more than 2,020 words")
    assert found.help == "`--limit words=4040` raises the limit"


@pytest.mark.parametrize(("steps", "graphs"), [(10**6, 2), (5, 0)])
def test_networks_that_take_long_are_held_by_their_trees(
    steps: int, graphs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def counted(graph: Graph) -> str:
        seen.append(graph.model)
        return fingerprint(graph)

    monkeypatch.setattr(canonical, "fingerprint", counted)
    monkeypatch.setattr(canonical, "_STEPS", steps)
    made = canonical.format("network n { input x: [3]\n linear(2)->relu\n output y }")
    assert made == "network n {\n  input x: [3]\n  linear(2) -> relu\n  output y\n}\n"
    assert seen == ["n"] * graphs
