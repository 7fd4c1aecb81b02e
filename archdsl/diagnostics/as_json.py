"""Diagnostics as JSON, for editors and scripts. Lines and columns count from 1, in characters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from archdsl.diagnostics.core import Diagnostic, Label
from archdsl.source import Span

#: An escape of JSON that is whole, or half of a pair alone.
_LONE = re.compile(r"(\\[^u]|\\ud[89ab]..\\ud[c-f]..)|\\ud[89a-f]..")


def to_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    """The JSON object of one diagnostic."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **_place(diagnostic.span),
        "labels": [{"message": label.text, **_place(label.span)} for label in _labels(diagnostic)],
        "notes": list(diagnostic.told_notes),
        "help": diagnostic.help or None,
    }


def render_all(diagnostics: Iterable[Diagnostic]) -> str:
    """A JSON list of all of them, in ASCII."""
    return dumps([to_dict(d) for d in diagnostics])


def dumps(data: Any) -> str:
    """Data as JSON in ASCII that every parser reads: a lone surrogate, as of a name that is not UTF-8, is U+FFFD."""
    return _LONE.sub(lambda found: found[1] or r"\ufffd", json.dumps(data, indent=2))


def _labels(diagnostic: Diagnostic) -> list[Label]:
    """What is said of places: of the primary one first, where something is; of the calls that led there last."""
    first = [Label(diagnostic.span, diagnostic.label)] if diagnostic.label else []
    calls = [Label(call.span, call.sentence("here")) for call in diagnostic.told_calls]
    return [*first, *diagnostic.labels, *calls]


def _place(span: Span) -> dict[str, Any]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }
