"""The formats for programs: concise, JSON, GitHub."""

from __future__ import annotations

import json

from archdsl.diagnostics import Call, Diagnostic, Label, as_json, concise, github
from archdsl.source import Source, Span

HERE = Source("specs/a, b.arch", "let 한 = 1\nfoo bar\n")
ERROR = Diagnostic(
    "E502",
    "100% wrong",
    Span(HERE, 14, 17),
    "here",
    (Label(Span(HERE, 4, 5), "there"),),
    ("one", "two"),
    "mend it",
)
WARNING = Diagnostic("W002", "evil \x1b[2J\n::error::x", Span(HERE, 0, 18))


def test_concise() -> None:
    assert concise.render_all([ERROR, WARNING]) == (
        "specs/a, b.arch:2:5: error[E502]: 100% wrong\n"
        "specs/a, b.arch:1:1: warning[W002]: evil \\u{1b}[2J\\u{a}::error::x"
    )


def test_json() -> None:
    place = {"file": "specs/a, b.arch", "line": 2, "column": 5, "end_line": 2, "end_column": 8}
    assert json.loads(as_json.render_all([ERROR, WARNING])) == [
        {
            "code": "E502",
            "severity": "error",
            "message": "100% wrong",
            **place,
            "labels": [
                {"message": "here", **place},
                {
                    "message": "there",
                    "file": "specs/a, b.arch",
                    "line": 1,
                    "column": 5,
                    "end_line": 1,
                    "end_column": 6,
                },
            ],
            "notes": ["one", "two"],
            "help": "mend it",
        },
        {
            "code": "W002",
            "severity": "warning",
            "message": "evil \x1b[2J\n::error::x",
            "file": "specs/a, b.arch",
            "line": 1,
            "column": 1,
            "end_line": 3,
            "end_column": 1,
            "labels": [],
            "notes": [],
            "help": None,
        },
    ]
    assert as_json.render_all([]) == "[]"
    assert as_json.render_all([WARNING]).isascii()
    assert "\x1b" not in as_json.render_all([WARNING])


def test_github() -> None:
    assert github.render_all([ERROR, WARNING]) == (
        "::error file=specs/a%2C b.arch,line=2,col=5,endLine=2,endColumn=8,title=archdsl E502"
        "::100%25 wrong (here)%0Aspecs/a, b.arch:1:5: there%0Anote: one%0Anote: two%0Ahelp: mend it\n"
        "::warning file=specs/a%2C b.arch,line=1,col=1,endLine=3,endColumn=1,title=archdsl W002"
        "::evil \\u{1b}[2J%0A::error::x"
    )


def test_calls_that_led_there() -> None:
    """They have their places in the formats that have some for them, else a line of the message."""
    called = Diagnostic("E503", "m", Span(HERE, 14, 17), calls=(Call(Span(HERE, 10, 13), "foo(2)", 7),))
    (found,) = json.loads(as_json.render_all([called]))
    assert [(label["message"], label["line"], label["column"]) for label in found["labels"]] == [
        ("in `foo(2)`, called here, 7 calls deep", 2, 1)
    ]
    assert github.render(called).endswith("::m%0Ain `foo(2)`, called at specs/a, b.arch:2:1, 7 calls deep")
