"""The form of a SARIF log: the part of the standard (OASIS, SARIF 2.1.0, section 3) that logs of ours use."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

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
