"""What the parser says of texts that are not in the language: the table in data/errors.txt.

A case is the text, each line behind `> `, and what is said of it: code, place and message, with the other
places and the help below. `ok` stands where nothing is said: the parser knows no names.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archdsl.diagnostics.core import Collector, Diagnostic
from archdsl.source import Source, Span
from archdsl.syntax.parser import parse

TABLE = Path(__file__).parent / "data" / "errors.txt"


def cases() -> list[tuple[str, str]]:
    found = []
    for case in TABLE.read_text(encoding="utf-8").strip().split("\n\n"):
        lines = [line for line in case.split("\n") if not line.startswith("#")]
        text = [line[2:] for line in lines if line.startswith(">")]
        found.append(("\n".join(text), "\n".join(line for line in lines if not line.startswith(">"))))
    return found


def said(text: str) -> str:
    """What is said of a text, as the table has it."""
    collector = Collector()
    parse(Source("test", text), collector)
    return "\n".join(shown(diagnostic) for diagnostic in collector.diagnostics) or "ok"


def shown(diagnostic: Diagnostic) -> str:
    lines = [f"{diagnostic.code} {where(diagnostic.span)} {diagnostic.message}"]
    lines += [f"  {where(label.span)} {label.text}" for label in diagnostic.labels]
    return "\n".join([*lines, f"  help: {diagnostic.help}"] if diagnostic.help else lines)


def where(span: Span) -> str:
    end = span.end_column if span.line == span.end_line else f"{span.end_line}:{span.end_column}"
    return f"{span.line}:{span.column}" + ("" if span.start == span.end else f"-{end}")


@pytest.mark.parametrize(("text", "expected"), cases(), ids=lambda value: re.sub(r"\s+", " ", value)[:40])
def test_error(text: str, expected: str) -> None:
    assert said(text) == expected


def test_the_codes_of_syntax_are_all_there() -> None:
    table = TABLE.read_text(encoding="utf-8")
    assert set(re.findall(r"^(E\d+)", table, re.MULTILINE)) == {
        "E101",
        "E102",
        "E103",
        "E104",
        "E105",
        "E106",
        "E107",
    }


def test_messages_keep_the_rules_of_the_house() -> None:
    for text, _ in cases():
        collector = Collector()
        parse(Source("test", text), collector)
        for diagnostic in collector.diagnostics:
            said = (
                diagnostic.message,
                diagnostic.label,
                diagnostic.help,
                *(x.text for x in diagnostic.labels),
            )
            for part in said:
                prose = re.sub(r"``[^`]+``|`[^`]+`", "", part)
                assert not re.search(r"\b(you|your|please|sorry)\b|[.!]$|[A-Z]{2,}|__", prose), part
                assert not part[:1].isupper(), part
