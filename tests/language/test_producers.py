"""Who made a shape, what would mend it, and how often it is told: held against what the compiler does with the mend."""

from __future__ import annotations

import re

import pytest

import archdsl
from tests.language.language_support import net


def errors(text: str, **settings: object) -> list[archdsl.Diagnostic]:
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.loads(text, **settings)  # type: ignore[arg-type]
    return [d for d in caught.value.diagnostics if d.is_error]


BASIC = """
block basic(c, stride = 1) {
  ( if stride != 1 or in.channels != c { conv(c, 1, stride=stride) -> bn }
  | conv(c, 3, stride=stride) -> relu -> conv(c, 3)
  ) -> add
}
"""


@pytest.mark.parametrize(
    "body",
    [
        "for c in [8, 16, 32] { conv(c, 3) -> maxpool(2) }\nconv(4, 5, pad=0)",
        "for c in [8, 16, 32] { basic(c, 2) }\navgpool(7) -> flatten -> linear(3)",
        "conv(4, 3, pad=0) * 20",
        "conv(8, 11, stride=4, pad=2) -> maxpool(3, stride=2) -> conv(8, 5) -> maxpool(3, stride=2)",
        "for _ in range(4) { maxpool(2, ceil=true) -> conv(4, 2, pad=0) }",
    ],
)
def test_the_smallest_input_is_the_smallest(body: str) -> None:
    """The network takes the size that the note names, and none below it."""
    text = net(body, BASIC, "[4, H=8, W=8]")
    (found,) = errors(text)
    assert found.code == "E503"
    (note,) = [note for note in found.notes if "smallest" in note]
    size = int(re.findall(r"\d+", note)[-1])
    assert note == f"the smallest `x` that the network takes is [4, {size}, {size}]"
    archdsl.loads(text, inputs={"x": (4, size, size)})
    for smaller in range(8, size):
        assert errors(text, inputs={"x": (4, smaller, smaller)})


@pytest.mark.parametrize(
    "body",
    [
        "conv(4, 9, pad=0) -> [4, 8, 8]",  # another mistake is in the way
        "maxpool(2) * 4 -> [4, 1, 1] -> linear(3)",
        "maxpool(4) -> maxpool(4) -> gap -> untokens(2, 2)",
    ],
)
def test_no_smallest_input_is_promised(body: str) -> None:
    assert not [note for found in errors(net(body)) for note in found.notes if "smallest" in note]


@pytest.mark.parametrize(
    ("body", "mend"),
    [
        ("conv(8, 3, stride=2) -> relu -> [8, 8, 8]", "`stride=1` in `conv(8, 3, stride=2)`"),
        ("conv(8, 3) -> maxpool(3, stride=2) -> bn -> [8, 4, 4]", "`pad=half` in `maxpool(3, stride=2)`"),
        ("conv(8, 3) -> bn -> relu -> [16, 8, 8]", "`channels=16` in `conv(8, 3)`"),
        ("gap -> linear(10) -> [100]", "`features=100` in `linear(10)`"),
        ("deconv(4, 3, stride=2) -> [4, 16, 16]", "`extra=1` in `deconv(4, 3, stride=2)`"),
    ],
)
def test_the_argument_with_which_a_waypoint_holds(body: str, mend: str) -> None:
    """The help names one argument; with it in the text, the network is right."""
    (found,) = errors(net(body))
    assert found.code == "E501" and found.help.startswith(mend)
    argument, call = re.match(r"`(.*?)` in `(.*?)`", found.help).groups()  # type: ignore[union-attr]
    name, value = argument.split("=")
    head = call[: call.index("(")]
    if f"{name}=" in call:
        other = re.sub(rf"{name}=\w+", argument, call)
    elif name in ("channels", "features"):
        other = re.sub(r"\(\d+", f"({value}", call)
    else:
        other = f"{call[:-1]}, {argument})"
    assert other.startswith(head) and other != call
    archdsl.loads(net(body.replace(call, other)))


def test_producers_in_other_calls() -> None:
    (found,) = errors(net("a = basic(8)\nb = x -> basic(16, 2)\n( a | b ) -> add", BASIC))
    assert found.notes == (
        "channels: 8 and 16; axis 1 (height): 8 and 4; axis 2 (width): 8 and 4",
        "[8, 8, 8] comes from `conv(c, 1, stride=stride)` at line 3, in `basic(8)` at line 10",
        "[16, 4, 4] comes from `conv(c, 1, stride=stride)` at line 3, in `basic(16, 2)` at line 11",
    )
    assert found.help == "a 1x1 projection, `conv(16, 1, stride=2)`, on the branch of [8, 8, 8]"


def test_projection_mends() -> None:
    body = "a = basic(8)\nb = x -> basic(16, 2)\n( a -> conv(16, 1, stride=2) | b ) -> add"
    assert list(archdsl.loads(net(body, BASIC)).outputs.values()) == [[16, 4, 4]]


def test_a_mistake_in_many_calls_is_one() -> None:
    block = "block unit(c) { ( identity | conv(c, 3) ) -> add }"
    (found,) = errors(net("\n".join(f"x -> unit({c})" for c in (5, 6, 7)), block))
    assert found.notes[-1] == "it is met in 2 more calls of `unit`"
    (found,) = errors(net("unit(5)", block))
    assert "more call" not in "".join(found.notes)


def test_a_bundle_is_told_of_once() -> None:
    """Each branch of a fork that takes one tensor meets the same bundle; another bundle is another mistake."""
    found = errors(net("( relu | tanh )\n( bn | gelu ) -> add\nx -> ( silu | mish ) -> bn"))
    assert [(d.code, d.span.line) for d in found] == [("E403", 5), ("E403", 6)]


def test_many_stories_end() -> None:
    """What may be asked of producers is bounded: a deep network with many mistakes behind it."""
    lines = "\n".join(f"deep -> conv(8, {k}, pad=0)" for k in range(9, 209))
    found = errors(net(f"deep = relu * 3000\n{lines}"))
    assert len(found) == 200 and all(d.code == "E503" for d in found)


def test_blocks_by_themselves() -> None:
    """What does not depend on parameters or on what arrives is told without a call; the rest is silent."""
    library = """
    block wrong(c, depth) {
      conv(c, 3) -> relu * (depth - 9)
      if c > 3 { conv(it.channels, c - 3) }
      ( relu | conv(c, 3) ) -> add -> 64
      for i in range(depth) { linear(i) -> linear(3 // 0) }
      relu * 0.5
    }
    """
    spec = archdsl.loads(net("relu"))
    assert spec.warnings == []
    found = errors(net("relu", library))
    assert [(d.code, d.span.text) for d in found] == [
        ("E401", "64"),
        ("E303", "3 // 0"),
        ("E406", "0.5"),
    ]
