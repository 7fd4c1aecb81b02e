"""`archdsl explain`."""

from __future__ import annotations

import json
import re

import pytest

from archdsl.diagnostics.codes import CODES, GROUPS
from tests.cli.conftest import Run


def test_explain(run: Run) -> None:
    page = run("explain", "E502").stdout
    assert page.startswith(f"E502: {CODES['E502']}\n\n")
    assert "\n    network n {\n" in page and "```" not in page and "\x1b" not in page
    assert max(map(len, page.splitlines())) <= 88
    for other in ("e502", "[E502]", "error[E502]", "Error[E502]:", "502", " E502 "):
        assert run("explain", other).stdout == page
    warning = run("explain", "W001").stdout
    assert run("explain", "E502", "warning[W001]:", "e502").stdout == f"{page}\n\n{warning}"


def test_explain_in_color(run: Run) -> None:
    painted = run("explain", "E502", "--color", "always").stdout
    assert painted.startswith("\x1b[1m\x1b[31mE502\x1b[0m")
    bare = re.sub(r"\x1b\[\d+m", "", painted)
    assert bare.replace("  │", "   ") == run("explain", "E502").stdout


def test_explain_lists_the_codes_by_group(run: Run) -> None:
    groups = [part.split("\n") for part in run("explain").stdout.rstrip("\n").split("\n\n")]
    assert [title for title, *_ in groups] == list(GROUPS.values())
    assert re.findall(r"^  (\w+)  ", run("explain").stdout, re.MULTILINE) == list(CODES)
    assert f"  E502  {CODES['E502']}" in groups[4]


def test_explain_as_markdown(run: Run) -> None:
    page = run("explain", "e502", "--format", "md").stdout
    assert page.startswith(f"# E502: {CODES['E502']}\n\n")
    assert "\n```arch\nnetwork n {\n" in page
    both = run("explain", "E502", "E503", "--format", "md").stdout
    assert both == f"{page}\n{run('explain', 'E503', '--format', 'md').stdout}"


def test_explain_as_json(run: Run) -> None:
    (page,) = json.loads(run("explain", "w001", "--format", "json").stdout)
    assert (page["code"], page["severity"], page["group"]) == ("W001", "warning", "Warnings")
    assert page["title"] == CODES["W001"] and page["meaning"]
    assert page["markdown"] == run("explain", "W001", "--format", "md").stdout
    assert [told["code"] for told in json.loads(run("explain", "--format", "json").stdout)] == list(CODES)


@pytest.mark.parametrize(
    ("asked", "help"),
    [
        ("E602x", f"did you mean `E602`, {CODES['E602']}?"),
        ("E52", f"did you mean `E502`, {CODES['E502']}?"),
        ("shapes", "`archdsl explain` lists them"),
        ("", "`archdsl explain` lists them"),
        ("E9\x1b[2J", "`archdsl explain` lists them"),
    ],
)
def test_explain_unknown(run: Run, asked: str, help: str) -> None:
    result = run("explain", "E502", asked, status=2)
    assert result.stdout == ""
    error, told = result.stderr.rstrip("\n").split("\n")
    assert error.startswith("error: there is no diagnostic `") and "\x1b" not in error
    assert told == f"help: {help}"
