"""Children that the text calls by numbers: a loop makes them, also where it has no turn in some instances."""

from __future__ import annotations

import pytest

from tests.emit.generated import class_text
from tests.emit.test_classes import classes
from tests.emit.test_merge import check, graph

DOWN = """
block down(c, times: int) {
  for k in range(times - 1) { "{k}": { conv(in.channels, 3, stride=2) -> bn -> relu } }
  "{times - 1}": { conv(c, 3, stride=2) -> bn }
}"""


@pytest.mark.parametrize("times", [(1, 2, 3), (3, 2, 1), (2, 1, 3), (1, 3)])
def test_a_loop_without_a_turn(times: tuple[int, ...]) -> None:
    calls = " -> ".join(f"down({4 * i + 4}, {n})" for i, n in enumerate(times))
    source, net = check(graph(f"  {calls}", DOWN, "[8, 128, 128]"))
    assert classes(source) == ["Down", "Net"]
    text = class_text(source, "Down")
    assert "def __init__(self, in_channels: int, c: int, times: int) -> None:" in text
    assert "for _ in range(times - 1)" in text and text.count("stride=2") == 2
    assert [len(list(child.children())) for child in net.children()] == list(times)


def test_chains_that_differ_otherwise_stay_apart() -> None:
    """Without the loop, the last convolution is another one."""
    block = """
block down(c, times: int) {
  for k in range(times - 1) { "{k}": { conv(in.channels, 3, stride=2) -> bn -> relu } }
  "{times - 1}": if times == 1 { { conv(c, 1) -> bn } } else { { conv(c, 3, stride=2) -> relu -> bn } }
}"""
    source, _ = check(graph("  down(8, 1) -> down(12, 2) -> down(16, 3)", block, "[8, 64, 64]"))
    assert len(classes(source)) == 3


def test_a_loop_in_front_and_one_behind() -> None:
    block = """
block unit(c, before: int, after: int) {
  for k in range(before) { "{k}": conv(in.channels, 3) }
  "{before}": conv(c, 1)
  for k in range(after) { "{before + 1 + k}": linear_conv(c) }
}
block linear_conv(c) { conv(c, 1) -> relu -> conv(c, 3) }"""
    calls = " -> ".join(f"unit(8, {b}, {a})" for b, a in [(0, 2), (2, 0), (3, 2), (2, 2)])
    _, net = check(graph(f"  {calls}", block, "[8, 16, 16]"))
    assert [len(list(child.children())) for child in net.children()] == [3, 3, 6, 5]


@pytest.mark.parametrize("first", [0, 2, 9])
def test_numbers_that_begin_anywhere(first: int) -> None:
    block = f"""
block unit(c, n: int) {{
  ( conv(c, 1) | for k in range(n) {{ "{{k + {first}}}": {{ conv(c, 3) -> bn }} }} ) -> add
}}"""
    source, net = check(graph("  unit(8, 5) -> unit(8, 2) -> unit(8, 1)", block, "[8, 16, 16]"))
    assert f"{first}" in dict(next(net.children()).named_children())
    assert set(classes(source)) >= {"Net"}


def test_numbers_in_a_module_are_those_of_the_text() -> None:
    source, net = check(
        graph(
            '  for k in range(6) { "{k * 2}": conv(8, 3) }\n  for k in range(5) { "{k + 20}": conv(8, 1) }',
            "",
        )
    )
    named = [name for name, _ in net.named_children()]
    assert named == ["0", "2", "4", "6", "8", "10", "20", "21", "22", "23", "24"]
    assert classes(source) == ["Net"]
