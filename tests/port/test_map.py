"""What users write: maps, patterns, and what is said where they do not fit."""

from __future__ import annotations

import json

import pytest

from archdsl.checkpoints import Checkpoint, Stored
from archdsl.port import How, MapError, Plan, plan, read_map
from archdsl.port.report import as_map

OURS = {
    "stage1.0.conv1.weight": (4, 4),
    "stage1.0.conv2.weight": (4, 4),
    "stage1.1.conv1.weight": (4, 4),
    "stage1.1.conv2.weight": (4, 4),
    "head.weight": (2, 4),
}


def stored(shape: tuple[int, ...]) -> Stored:
    return Stored("F32", shape, lambda: memoryview(b""))


def mapped(text: str, theirs: dict[str, tuple[int, ...]], skip: tuple[str, ...] = ()) -> Plan:
    file = Checkpoint("file", {key: stored(shape) for key, shape in theirs.items()}, True)
    return plan(OURS, file, read_map(text, "keys.map"), skip)


THEIRS = {
    "u0/b.w": (4, 4),
    "u0/a.w": (4, 4),
    "u1/b.w": (4, 4),
    "u1/a.w": (4, 4),
    "out.weight": (2, 4),
}


@pytest.mark.parametrize(
    "text",
    [
        "u{i}/a.w -> stage1.{i}.conv1.weight\nu{i}/b.w -> stage1.{i}.conv2.weight\n",
        "# a comment\n\n  u*/a.w -> stage1.*.conv1.weight  # another\nu*/b.w->stage1.*.conv2.weight",
        '{"u{i}/a.w": "stage1.{i}.conv1.weight", "u{i}/b.w": "stage1.{i}.conv2.weight"}',
        (
            '"u0/a.w" -> stage1.0.conv1.weight\nu0* -> "stage1.0.conv2.weight"\n'
            "u1/a.w -> stage1.1.conv1.weight\nu{i}/b.w -> stage1.{i}.conv2.weight"
        ),
    ],
)
def test_lines_come_first_and_the_rest_is_found(text: str) -> None:
    made = mapped(text, THEIRS)
    assert made.complete and not made.doubts
    found = {pair.ours: (pair.theirs, pair.how) for pair in made.pairs}
    assert found == {
        "stage1.0.conv1.weight": ("u0/a.w", How.MAP),
        "stage1.0.conv2.weight": ("u0/b.w", How.MAP),
        "stage1.1.conv1.weight": ("u1/a.w", How.MAP),
        "stage1.1.conv2.weight": ("u1/b.w", How.MAP),
        "head.weight": ("out.weight", How.SHAPE),
    }


def test_keys_are_left_out_of_either_side() -> None:
    made = mapped("out.* -> -\n- -> head.*\nu{i}/a.w -> stage1.{i}.conv1.weight\nu* -> -", THEIRS)
    assert made.skipped == (["head.weight"], ["out.weight", "u0/b.w", "u1/b.w"])
    assert made.missing == ["stage1.0.conv2.weight", "stage1.1.conv2.weight"] and not made.strict
    made = mapped("", {**OURS, "extra.weight": (9,)}, skip=("extra.*",))
    assert made.complete and made.strict and made.skipped == ([], ["extra.weight"])
    made = mapped("", {**OURS, "head.weight": (3, 4)}, skip=("head.*",))
    assert made.complete and not made.strict


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ("u0/a.w stage1.0", "keys.map:1: `u0/a.w stage1.0` is not `theirs -> ours`", ""),
        ("\na -> b -> c", "keys.map:2: `a -> b -> c` is not `theirs -> ours`", ""),
        ("- -> -", "keys.map:1: one side at least is a key", ""),
        ("u0/a.w -> stage1.{i}.conv1.weight", "keys.map:1: `{i}` stands for nothing in `u0/a.w`", ""),
        ("u0/a.w -> stage*.conv1.weight", "keys.map:1: `*` stands for nothing in `u0/a.w`", ""),
        ("u{0}/a.w -> head.weight", "keys.map:1: `{0}` in `u{0}/a.w` is no name in braces", ""),
        ('"u\\q" -> head.weight', 'keys.map:1: "u\\q" is no string of JSON', ""),
        (
            "u0/c.w -> head.weight",
            "keys.map:1: `u0/c.w` is no key of the file",
            "did you mean `u0/a.w` or `u0/b.w`?",
        ),
        (
            "- -> heat.weight",
            "keys.map:1: `heat.weight` is no key of the module",
            "did you mean `head.weight`?",
        ),
        (
            "out.weight -> heat.weight",
            "keys.map:1: `heat.weight`, for `out.weight`, is no key of the module",
            "did you mean `head.weight`?",
        ),
        (
            "out.weight -> stage1.0.conv1.weight",
            "keys.map:1: `out.weight` is 2×4, and `stage1.0.conv1.weight` is 4×4",
            "",
        ),
        (
            "u0/a.w -> stage1.0.conv1.weight\nu1/a.w -> stage1.0.conv1.weight",
            "keys.map:2: `stage1.0.conv1.weight` is given `u1/a.w` and something else",
            "",
        ),
        ("{", "`keys.map` is no JSON object", ""),
        ('{"a": 1}', "`keys.map` is no JSON object of keys, theirs to ours", ""),
    ],
)
def test_maps_that_do_not_fit(text: str, message: str, help: str) -> None:
    with pytest.raises(MapError) as error:
        mapped(text, THEIRS)
    assert (error.value.message, error.value.help) == (message, help)


def test_a_pattern_that_fits_nothing() -> None:
    with pytest.raises(MapError, match=r"no key of either side is `heads.\*`"):
        mapped("", THEIRS, skip=("heads.*",))


@pytest.mark.parametrize("json_form", [False, True])
def test_a_map_is_written_and_read_again(json_form: bool) -> None:
    theirs = {
        'odd {key} # "*" -> é'.replace("key", str(i)) + ".weight": shape
        for i, shape in enumerate(OURS.values())
    }
    first = mapped("", theirs)
    assert first.doubts
    text = as_map(first, json_form)
    again = mapped(text, theirs)
    assert {(p.ours, p.theirs) for p in again.pairs} == {(p.ours, p.theirs) for p in first.pairs}
    assert {pair.how for pair in again.pairs} == {How.MAP} and not again.doubts
    if json_form:
        assert json.loads(text)["archdsl"]


def test_a_map_tells_what_is_left_over() -> None:
    theirs = {"stage1.0.conv1.weight": (4, 4), "head.weight": (3, 4), "more.weight": (7,)}
    assert as_map(mapped("", theirs), False) == (
        "# `theirs -> ours`; `-` stands for a key that is left out\n"
        "stage1.0.conv1.weight -> stage1.0.conv1.weight\n"
        "# ? -> stage1.0.conv2.weight  # 4×4\n"
        "# ? -> stage1.1.conv1.weight  # 4×4\n"
        "# ? -> stage1.1.conv2.weight  # 4×4\n"
        "# more.weight -> ?  # 7\n"
        "# head.weight -> head.weight  # 3×4, not 2×4\n"
    )
