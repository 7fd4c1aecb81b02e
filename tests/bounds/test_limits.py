"""The limits as options: their names, their bounds, the page that lists them."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.limits import DEFAULT_LIMITS, LIMITS, Limits

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
_TABLE = re.compile(r"(?<=rewrites them -->\n\n).*?(?=<!-- the end of the limits -->)", re.DOTALL)

DEEP = """
block b(n) { if n > 0 { relu -> b(n - 1) } }
network n(depth = 150) {
  input image: [3, 8, 8]
  b(depth)
  output y
}
"""


def run(*arguments: str, text: str = DEEP) -> tuple[int, str]:
    """The exit status of a command on standard input, and all that it prints."""
    result = CliRunner().invoke(main, list(arguments), input=text)
    return result.exit_code, result.output


def test_page(update: bool) -> None:
    text = PAGE.read_text(encoding="utf-8")
    made = _TABLE.sub(lambda _: run("limits", "--format", "md")[1] + "\n", text)
    if update:
        PAGE.write_text(made, encoding="utf-8")
    assert made == text, "docs/limits.md has drifted: `make reference`"
    assert _TABLE.search(text)


def test_each_limit_is_listed_and_declared_once() -> None:
    listed = run("limits")[1]
    for limit in LIMITS:
        assert re.search(
            rf"^{limit.name} +{limit.default:,} +{re.escape(limit.meaning)}$", listed, re.MULTILINE
        )
    assert [limit.name for limit in LIMITS] == [f.name for f in fields(Limits)]


def test_an_option_sets_one_everywhere() -> None:
    assert "`--limit depth=200` raises the limit" in run("check", "-")[1]
    for command in (["check", "-"], ["summary", "-"], ["compile", "-", "-o", "-"], ["draw", "-", "-o", "-"]):
        assert run(*command)[0] == 1
        assert run(*command, "--limit", "depth=200")[0] == 0, run(*command, "--limit", "depth=200")


def test_several_at_once() -> None:
    options = ("--limit", "depth=200", "--limit", "nodes=100")
    status, output = run("check", "-", *options)
    assert status == 1 and "more than 100 nodes" in output and "--limit nodes=200" in output


def test_in_python() -> None:
    with pytest.raises(archdsl.ArchError):
        archdsl.loads(DEEP)
    assert len(archdsl.loads(DEEP, options=archdsl.Options(limits=Limits(depth=200)))) == 150


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("node=3", "did you mean `nodes`?"),
        ("zzz=3", "there are: source_bytes"),
        ("nodes", "is not NAME=NUMBER"),
        ("nodes=0", "nodes is a number from 1 to 1,000,000,000,000, not '0'"),
        ("nodes=-1", "not '-1'"),
        ("nodes=many", "not 'many'"),
        ("nodes=" + "9" * 100_000, "nodes is a number"),
        ("x" * 100_000 + "=1", "there is no limit"),
        ("brackets=100000", "brackets is a number from 1 to 500"),
    ],
)
def test_wrong_ones(given: str, said: str) -> None:
    status, output = run("check", "-", "--limit", given)
    assert status == 2
    assert said in " ".join(output.split())
    assert len(output) < 2000


def test_wrong_ones_in_python() -> None:
    for wrong in (0, -1, True, 1.5, "3"):
        with pytest.raises(ValueError, match="nodes is an int from 1"):
            Limits(nodes=wrong)  # type: ignore[arg-type]


def test_what_cannot_be_raised_says_so() -> None:
    assert DEFAULT_LIMITS.mend("nodes") == "`--limit nodes=300000` raises the limit"
    assert Limits(brackets=500).mend("brackets") == "the limit is `brackets`, and it cannot be higher"
