"""What is done to compile a network grows as the network does, whatever its form.

Calls of functions are counted, which are the same on each run, not seconds: four times the layers may take six times
the calls, where what is quadratic takes sixteen times as many.
"""

from __future__ import annotations

import sys
from types import FrameType

import pytest

import archdsl

NETWORK = """
{before}
network n {{
  input image: [3, 8, 8]
  x = conv(8, 3, bias=false) -> bn -> relu
{body}
  gap -> linear(10)
  output y
}}
"""
UNIT = "block unit(c) { ( identity | conv(c, 3, bias=false) -> bn -> relu -> conv(c, 3, bias=false) -> bn ) -> add -> relu }"
INNER = """
block inner(c) { conv(c, 3, bias=false) -> bn -> relu }
block unit(c) { ( identity | inner(c) -> inner(c) ) -> add -> relu }
"""
DENSE = "block unit(c) { ( identity | bn -> relu -> conv(c, 3, bias=false) ) -> concat }"
FORMS = {
    "a block again and again": (UNIT, "  unit(8) * {n}"),
    "a shared block": (UNIT, "  share s = unit(8)\n  s * {n}"),
    "blocks in a shared block": (INNER, "  share s = unit(8)\n  s * {n}"),
    "a shared layer": ("", "  share s = conv(8, 3)\n  for i in range({n}) {{ s -> relu }}"),
    "a chain of concatenations": ("", "  for i in range({n}) {{ ( identity | x ) -> concat }}"),
    "a dense block": (DENSE, "  unit(4) * {n}"),
    "a tensor that all read": ("", "  for i in range({n}) {{ ( conv(8, 3) -> bn | x ) -> add -> relu }}"),
    "branches": ("", "  for i in range({n}) {{ ( conv(8, 1) | conv(8, 3) ) -> concat -> conv(8, 1) }}"),
}
PLANS = {
    "as written": None,
    "inference": archdsl.Plan("inference"),
    "training": archdsl.Plan("training"),
    "checkpoints": archdsl.Plan("training", checkpoint=("unit",)),
}
MOST = 6.0


def calls(form: str, count: int, plan: archdsl.Plan | None) -> int:
    """Calls of functions that it takes to compile a network with so many repetitions."""
    before, body = FORMS[form]
    text = NETWORK.format(before=before, body=body.format(n=count))
    counted = 0

    def count_one(frame: FrameType, event: str, _: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count_one)
    try:
        archdsl.loads(text).source(plan=plan)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "plan"),
    [(form, plan) for form in FORMS for plan in PLANS if plan != "checkpoints" or "unit" in FORMS[form][0]],
)
def test_growth(form: str, plan: str) -> None:
    calls(form, 10, PLANS[plan])  # what is imported and kept is so now
    few, many = (calls(form, count, PLANS[plan]) for count in (50, 200))
    assert many <= MOST * few
