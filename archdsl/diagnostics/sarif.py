"""Diagnostics as SARIF 2.1.0, the exchange format of static analysers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from archdsl.diagnostics.as_json import dumps
from archdsl.diagnostics.codes import CODES
from archdsl.diagnostics.core import Diagnostic
from archdsl.diagnostics.page import Page, group
from archdsl.diagnostics.page_markdown import markdown_page
from archdsl.diagnostics.page_text import PageText
from archdsl.source import Span
from archdsl.version import __version__

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

#: Columns of the pages as text.
_WIDTH = 88


def render_all(diagnostics: Iterable[Diagnostic], pages: Mapping[str, Page]) -> str:
    """One log with one run, whose rules are the catalogue of codes. `pages` has the page of each code."""
    driver = {
        "name": "archdsl",
        "semanticVersion": __version__,
        "rules": [_rule(pages[code]) for code in CODES],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d) for d in diagnostics],
    }
    return dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(page: Page) -> dict[str, Any]:
    return {
        "id": page.code,
        "name": _pascal(page.title),
        "shortDescription": {"text": f"{page.title[0].upper()}{page.title[1:]}."},
        "fullDescription": {"text": " ".join(page.meaning)},
        "help": {"text": PageText(_WIDTH, color=False).page(page), "markdown": markdown_page(page)},
        "defaultConfiguration": {"level": "warning" if page.code.startswith("W") else "error"},
        "properties": {"tags": [group(page.code).lower()]},
    }


def _pascal(title: str) -> str:
    """A title as one word: `ShapesThatReachJoinDoNotAgree`."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    return "".join(word.capitalize() for word in words if word not in ("a", "an", "the"))


def _result(diagnostic: Diagnostic) -> dict[str, Any]:
    lines = [diagnostic.message]
    lines += [f"note: {note}" for note in diagnostic.told_notes]
    lines += [f"help: {diagnostic.help}"] if diagnostic.help else []
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": list(CODES).index(diagnostic.code),
        "level": diagnostic.severity.value,
        "message": {"text": "\n".join(lines)},
        "locations": [_location(diagnostic.span, diagnostic.label)],
    }
    related = [(label.span, label.text) for label in diagnostic.labels]
    related += [(call.span, call.sentence("here")) for call in diagnostic.told_calls]
    if related:
        result["relatedLocations"] = [
            {"id": number, **_location(span, text)} for number, (span, text) in enumerate(related)
        ]
    return result


def _location(span: Span, text: str) -> dict[str, Any]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(span.source.name)}, "region": region}
    }
    if text:
        location["message"] = {"text": text}
    return location


def _uri(name: str) -> str:
    path = PurePath(name)
    if not path.is_absolute():
        return quote(path.as_posix().encode("utf-8", "replace"))
    return f"file:///{quote(path.as_posix().lstrip('/').encode('utf-8', 'replace'), safe='/:')}"
