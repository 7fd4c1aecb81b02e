"""SARIF: what stands in a log, and whether it has the form of the standard."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

import pytest

from archdsl.diagnostics import Call, Diagnostic, sarif
from archdsl.diagnostics.codes import CODES, GROUPS
from archdsl.resources.pages import page
from archdsl.source import Source, Span
from tests.diagnostics.sarif_form import conforms
from tests.diagnostics.test_formats import ERROR, HERE, WARNING

PAGES = {code: page(code) for code in CODES}


@pytest.mark.parametrize("found", [[], [ERROR, WARNING], [ERROR] * 3], ids=len)
def test_form(found: list[Diagnostic]) -> None:
    log = json.loads(sarif.render_all(found, PAGES))
    conforms("log", log)
    (run,) = log["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids)
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        related = [location["id"] for location in result.get("relatedLocations", [])]
        assert len(set(related)) == len(related)


def test_rules_are_the_pages() -> None:
    (run,) = json.loads(sarif.render_all([], PAGES))["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert list(rules) == list(CODES)
    names = [rule["name"] for rule in rules.values()]
    assert len(set(names)) == len(names) and all(re.fullmatch(r"[A-Z][A-Za-z0-9]+", name) for name in names)
    for code, rule in rules.items():
        short, full = rule["shortDescription"]["text"], rule["fullDescription"]["text"]
        assert short.lower() == f"{CODES[code]}.".lower()
        assert short != full and "```" not in full and len(full) <= 1024, code  # the most that GitHub shows
        assert rule["help"]["markdown"].startswith(f"# {code}: {CODES[code]}\n")
        assert (
            rule["help"]["text"].startswith(f"{code}: {CODES[code]}\n") and "```" not in rule["help"]["text"]
        )
        assert rule["defaultConfiguration"]["level"] == ("warning" if code.startswith("W") else "error")
        assert rule["properties"]["tags"][0] in [title.lower() for title in GROUPS.values()]
    assert rules["E502"]["name"] == "ShapesThatReachJoinDoNotAgree"
    assert rules["E611"]["properties"]["tags"] == ["extern blocks"]


def test_sarif() -> None:
    log = json.loads(sarif.render_all([ERROR, WARNING], PAGES))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    error, warning = run["results"]
    assert error["ruleId"] == "E502"
    assert error["level"] == "error" and warning["level"] == "warning"
    assert error["message"]["text"] == "100% wrong\nnote: one\nnote: two\nhelp: mend it"
    (location,) = error["locations"]
    assert location["message"] == {"text": "here"}
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/a%2C%20b.arch"},
        "region": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 8},
    }
    (related,) = error["relatedLocations"]
    assert related["id"] == 0 and related["message"] == {"text": "there"}
    assert "relatedLocations" not in warning
    assert run["columnKind"] == "unicodeCodePoints"


def test_sarif_absolute_path() -> None:
    source = Source("/a b/한.arch", "x")
    log = json.loads(sarif.render_all([Diagnostic("E201", "m", Span(source, 0, 1))], PAGES))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "file:///a%20b/%ED%95%9C.arch"


def test_calls_that_led_there() -> None:
    called = Diagnostic("E503", "m", Span(HERE, 14, 17), calls=(Call(Span(HERE, 10, 13), "foo(2)", 7),))
    log = json.loads(sarif.render_all([called], PAGES))
    conforms("log", log)
    (related,) = log["runs"][0]["results"][0]["relatedLocations"]
    assert related["message"] == {"text": "in `foo(2)`, called here, 7 calls deep"}
    assert related["physicalLocation"]["region"]["startLine"] == 2


@pytest.mark.parametrize(
    "name",
    ["a b.arch", "/x/%2e/#?.arch", "..\\c.arch", "<stdin>", "\ud800.arch", "/a/\ud800:.arch", "한/글.arch"],
)
def test_any_name_is_an_address(name: str) -> None:
    log = json.loads(sarif.render_all([Diagnostic("E201", "m", Span(Source(name, "x"), 0, 1))], PAGES))
    conforms("log", log)
    address = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(address).removeprefix("file://") == name.replace("\ud800", "?")
