"""SARIF: what stands in a log, and whether it has the form of the standard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from archdsl.diagnostics import Call, Diagnostic, sarif
from archdsl.diagnostics.codes import CODES, GROUPS
from archdsl.resources import page
from archdsl.source import Source, Span
from tests.diagnostics.test_formats import ERROR, HERE, WARNING

PAGES = {code: page(code) for code in CODES}

Check = Callable[[Any], None]


def text(value: Any) -> None:
    assert isinstance(value, str) and value


def one_of(*values: str) -> Check:
    def check(value: Any) -> None:
        assert value in values

    return check


def number(least: int) -> Check:
    def check(value: Any) -> None:
        assert type(value) is int and value >= least

    return check


def uri(value: Any) -> None:
    assert re.fullmatch(r"(%[0-9A-F]{2}|[A-Za-z0-9._~:/@!$&'()*+,;=-])+", value), value
    assert urlsplit(value).scheme in ("", "file")


def tags(value: Any) -> None:
    assert isinstance(value, dict) and len(set(value["tags"])) == len(value["tags"])


def listed(kind: str) -> Check:
    def check(value: Any) -> None:
        assert isinstance(value, list)
        for item in value:
            conforms(kind, item)

    return check


#: Of the standard (OASIS, SARIF 2.1.0, section 3), the objects that a log of ours has: what each property is;
#: a star marks those that must be there. Others may not.
OBJECTS: dict[str, dict[str, str | Check]] = {
    "log": {"$schema": text, "version*": one_of("2.1.0"), "runs*": listed("run")},
    "run": {
        "tool*": "tool",
        "results": listed("result"),
        "columnKind": one_of("utf16CodeUnits", "unicodeCodePoints"),
    },
    "tool": {"driver*": "component"},
    "component": {"name*": text, "semanticVersion": text, "rules": listed("rule")},
    "rule": {
        "id*": text,
        "name": text,
        "shortDescription": "described",
        "fullDescription": "described",
        "help": "described",
        "defaultConfiguration": "configuration",
        "properties": tags,
    },
    "described": {"text*": text, "markdown": text},
    "configuration": {"level": one_of("none", "note", "warning", "error")},
    "result": {
        "ruleId": text,
        "ruleIndex": number(0),
        "level": one_of("none", "note", "warning", "error"),
        "message*": "message",
        "locations": listed("location"),
        "relatedLocations": listed("location"),
    },
    "message": {"text*": text},
    "location": {"id": number(0), "physicalLocation": "physical", "message": "message"},
    "physical": {"artifactLocation*": "artifact", "region": "region"},
    "artifact": {"uri*": uri},
    "region": {name: number(1) for name in ("startLine*", "startColumn", "endLine", "endColumn")},
}


def conforms(kind: str, value: Any) -> None:
    assert isinstance(value, dict), kind
    known = {name.rstrip("*"): check for name, check in OBJECTS[kind].items()}
    assert set(value) <= set(known), kind
    assert {name.rstrip("*") for name in OBJECTS[kind] if name.endswith("*")} <= set(value), kind
    for name, part in value.items():
        check = known[name]
        if isinstance(check, str):
            conforms(check, part)
        else:
            check(part)


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
