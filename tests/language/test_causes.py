"""What a failing `expect` line finds: the one difference that explains the number."""

from __future__ import annotations

import pytest

import archdsl
from tests.language.language_support import conv

SPEC = """
default conv(bias=false)
block unit(c, k = 3) { conv(c, k) -> bn -> relu }
network n(classes = 10) {
  input image: [3, 16, 16]
  unit(16) -> unit(32) -> unit(32)
  gap -> linear(classes)
  output y
}
"""
UNIT = [conv(3, 16, 3, False) + 32, conv(16, 32, 3, False) + 64, conv(32, 32, 3, False) + 64]
PARAMS = sum(UNIT) + 33 * 10


def notes(expect: str) -> str:
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.loads(f"{SPEC}model m = n {{ expect {expect} }}")
    (found,) = caught.value.diagnostics
    assert found.code == "E801"
    return "\n".join(found.notes)


def test_params() -> None:
    assert archdsl.loads(SPEC).params == PARAMS


@pytest.mark.parametrize(
    ("wanted", "cause"),
    [
        (PARAMS + 16 + 32 + 32, "exactly the biases of every `conv`, which are not there: `default conv(bias=true)`"),
        (PARAMS - 10, "exactly the biases of every `linear`: `default linear(bias=false)`"),
        (PARAMS - 160, "exactly the weights of every `bn`"),
        (PARAMS - UNIT[2], "exactly as many as `unit3` at line 6 has: it may be one too many"),
        (PARAMS + UNIT[2], "exactly as many as `unit3` at line 6 has: one more like it may be missing"),
        (PARAMS + 33 * 90, "exactly `linear1` at line 7 with 100 features in place of 10"),
        (PARAMS + 16 * 32 * 16, "exactly `unit2.conv1` at line 3 with `kernel=5`"),
    ],
)
def test_one_cause(wanted: int, cause: str) -> None:
    more = PARAMS - wanted
    apart = f"that is {abs(more):,} {'more' if more > 0 else 'fewer'} than expected, {cause}"
    assert notes(f"params == {wanted}").split("\n")[0] == apart


def test_no_cause_is_made_up() -> None:
    first, *rest = notes(f"params == {PARAMS + 7}").split("\n")
    assert first == "that is 7 fewer than expected"
    assert len(rest) == 1 and rest[0].startswith("the largest parts: `unit3` 9,280 ")


def test_flops() -> None:
    macs = archdsl.loads(SPEC).macs
    assert "twice the value is expected" in notes(f"macs ~ {2 * macs}")
    assert "twice" not in notes(f"macs ~ {3 * macs}")
