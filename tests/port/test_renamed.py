"""Networks under other names: what can be known is found, and what cannot is said, never silently wrong."""

from __future__ import annotations

import random
import re
from string import ascii_lowercase

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.checkpoints import Checkpoint, Stored
from archdsl.port import How, Plan, plan
from archdsl.port.keys import module_keys

CHAIN = """\
network chain { input x: [4, 8, 8]; (conv(4, 3) -> bn -> relu) * 5 -> gap -> linear(4) -> linear(4); output y }
"""
RESIDUAL = """\
block unit(c, stride = 1) {
  ( { conv(c, 3, stride=stride) -> bn -> relu -> conv(c, 3) -> bn }
  | if stride > 1 { short: { conv(c, 1, stride=stride) -> bn } } else { identity }
  ) -> add -> relu
}
network residual {
  input x: [3, 16, 16]
  stem: conv(8, 3) -> norm: bn
  for i in range(3) { "stage{i}": { unit(8 * 2 ** i, 1 if i == 0 else 2) -> unit(8 * 2 ** i) * 2 } }
  gap -> head: linear(10)
  output y
}
"""
BRANCHES = """\
block mixed(c) { ( conv(c, 1) | conv(c, 1) -> conv(c, 3) | conv(2 * c, 1) -> conv(c, 3) | conv(c, 5) ) -> concat }
network branches { input x: [8, 8, 8]; mixed(8) -> mixed(8) -> mixed(16) -> mixed(4); gap -> linear(3); output y }
"""
TOKENS = """\
from std.transformer import encoder_layer
network tokens_ {
  input x: [3, 8, 8]
  conv(12, 4, stride=4, pad=0) -> tokens -> class_token -> position_embedding
  for i in range(3) { "layer_{i}": encoder_layer(3, 24) }
  ln -> select(0) -> linear(5)
  output y
}
"""
NETS = {
    text.partition("network ")[2].split()[0]: {
        one.key: one.shape for one in module_keys(archdsl.loads(text, "net.arch"))
    }
    for text in (CHAIN, RESIDUAL, BRANCHES, TOKENS)
}
nets = st.sampled_from(sorted(NETS))
seeds = st.integers(0, 2**32).map(random.Random)
#: No name is drawn twice, and ours have other letters: none is like another by chance.
WORDS = "zyxwvutsrqp"


def stored(shape: tuple[int, ...]) -> Stored:
    return Stored("F32", shape, lambda: memoryview(b""))


def checked(truth: dict[str, str], shapes: dict[str, tuple[int, ...]], ordered: bool) -> Plan:
    """The plan for a file with these keys, theirs to ours. Whatever is paired wrongly is said to be doubtful."""
    made = plan(
        shapes, Checkpoint("file", {theirs: stored(shapes[ours]) for theirs, ours in truth.items()}, ordered)
    )
    for pair in made.pairs:
        if truth[pair.theirs] != pair.ours and not pair.ours.endswith("num_batches_tracked"):
            assert pair.how is How.ORDER, (pair, made.doubts)
    assert bool(made.doubts) == any(pair.how is How.ORDER for pair in made.pairs)
    return made


def word(draw: random.Random) -> str:
    return "".join(draw.choices(WORDS, k=9))


def renamed(shapes: dict[str, tuple[int, ...]], draw: random.Random, flat: bool) -> dict[str, str]:
    """Each part of the tree, or each layer of a flat one, under a name of its own; the roles of tensors are kept."""
    names: dict[tuple[str, ...], str] = {}
    truth = {}
    for ours in shapes:
        *path, role = ours.split(".")
        if flat:
            parts = [names.setdefault(tuple(path), word(draw))]
        else:
            parts = [names.setdefault(tuple(path[: n + 1]), word(draw)) for n in range(len(path))]
        truth[".".join([*parts, role if path else f"{role}_{word(draw)}"])] = ours
    return truth


@settings(max_examples=60, deadline=None)
@given(nets, seeds, st.booleans())
def test_any_names_in_our_order_are_all_found(net: str, draw: random.Random, flat: bool) -> None:
    truth = renamed(NETS[net], draw, flat)
    made = checked(truth, NETS[net], ordered=True)
    assert made.complete and made.strict
    assert {pair.theirs: pair.ours for pair in made.pairs} == truth


@settings(max_examples=60, deadline=None)
@given(nets, seeds, st.booleans(), st.booleans())
def test_any_names_in_any_order_are_never_silently_wrong(
    net: str, draw: random.Random, flat: bool, ordered: bool
) -> None:
    truth = list(renamed(NETS[net], draw, flat).items())
    draw.shuffle(truth)
    made = checked(dict(truth), NETS[net], ordered)
    assert made.complete and made.strict


@settings(max_examples=60, deadline=None)
@given(nets, seeds, st.integers(0, 3), st.booleans())
def test_other_words_with_the_same_numbers_are_known_in_any_order(
    net: str, draw: random.Random, start: int, ordered: bool
) -> None:
    """Each word has one translation, and numbers begin elsewhere, as `layer1.0` becomes `stage2.1`."""
    words: dict[str, str] = {}

    def translated(part: str) -> str:
        return re.sub(
            r"[a-z_]+|\d+",
            lambda m: str(int(m[0]) + start) if m[0].isdigit() else words.setdefault(m[0], word(draw)),
            part,
        )

    truth = []
    for ours in NETS[net]:
        *path, role = ours.split(".")
        truth.append((".".join([*map(translated, path), role if path else translated(role)]), ours))
    if not ordered:
        draw.shuffle(truth)
    made = checked(dict(truth), NETS[net], ordered)
    assert made.complete
    if net != "branches":  # of which some are alike
        assert not made.doubts
        assert {pair.theirs: pair.ours for pair in made.pairs} == dict(truth)


@settings(max_examples=60, deadline=None)
@given(nets, seeds, st.integers(1, 4))
def test_keys_that_are_not_there_are_all_told(net: str, draw: random.Random, gone: int) -> None:
    """Under the right names, whatever else is missing or too much."""
    shapes = NETS[net]
    missing = set(draw.sample([key for key in shapes if not key.endswith("tracked")], gone))
    truth = {key: key for key in shapes if key not in missing}
    tensors = {key: stored(shapes[key]) for key in truth}
    extra = {f"{word(draw)}.weight": stored((7, 3)) for _ in range(gone)}
    made = plan(shapes, Checkpoint("file", tensors | extra, True))
    assert set(made.missing) == missing and set(made.unused) == set(extra)
    assert {pair.theirs: pair.ours for pair in made.pairs} == truth


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    nets,
    st.dictionaries(
        st.text(ascii_lowercase[:3] + "._0129", max_size=12),
        st.lists(st.integers(0, 9), max_size=4).map(tuple),
        max_size=30,
    ),
    st.booleans(),
)
def test_any_file_has_a_plan(net: str, keys: dict[str, tuple[int, ...]], ordered: bool) -> None:
    """Each key of both sides is told once."""
    shapes = NETS[net]
    made = plan(shapes, Checkpoint("file", {key: stored(shape) for key, shape in keys.items()}, ordered))
    ours = [p.ours for p in [*made.pairs, *made.misfits]] + made.missing + made.filled
    theirs = [p.theirs for p in [*made.pairs, *made.misfits]] + made.unused + list(made.dropped)
    assert sorted(ours) == sorted(shapes) and sorted(theirs) == sorted(keys)


def one(ours: dict[str, tuple[int, ...]], theirs: dict[str, tuple[int, ...]], ordered: bool = True) -> Plan:
    return plan(ours, Checkpoint("file", {key: stored(shape) for key, shape in theirs.items()}, ordered))


A, B = (4, 4, 3, 3), (8, 4, 3, 3)


@pytest.mark.parametrize(
    ("ours", "theirs", "how"),
    [
        (["conv1", "conv2", "conv3"], ["conv0", "conv1", "conv2"], How.NUMBER),  # from 0, not off by one
        (["conv1", "conv2"], ["features.0", "features.3"], How.NUMBER),
        (["conv1", "conv2"], ["conv2", "conv4"], How.ORDER),  # is conv2 conv2?
        (["conv1", "conv2"], ["conv_a", "conv_b"], How.NUMBER),
        (["query", "key", "value"], ["q", "k", "v"], How.LIKENESS),
        (["squeeze", "expand"], ["left", "right"], How.ORDER),
        (["conv9", "conv10"], ["c9", "c10"], How.NUMBER),  # 10 is behind 9
        (["Conv_1", "conv_2"], ["conv1", "conv2"], How.NAME),
        (["conv1", "conv2"], ["up2", "up1"], How.ORDER),  # the file's order is not that of its numbers
    ],
)
def test_layers_that_hold_the_same(ours: list[str], theirs: list[str], how: How) -> None:
    made = one({f"{n}.weight": A for n in ours}, {f"{n}.weight": A for n in theirs})
    assert made.complete and {pair.how for pair in made.pairs} == {how}
    assert [pair.theirs for pair in made.pairs] == [f"{name}.weight" for name in theirs]


def test_shapes_win_over_names_that_contradict_them() -> None:
    made = one({"conv1.weight": A, "conv2.weight": B}, {"conv1.weight": B, "conv2.weight": A})
    assert {(pair.ours, pair.theirs, pair.how) for pair in made.pairs} == {
        ("conv1.weight", "conv2.weight", How.SHAPE),
        ("conv2.weight", "conv1.weight", How.SHAPE),
    }


@pytest.mark.parametrize(
    ("ours", "theirs", "paired"),
    [
        ({"fc.weight": (8, 4, 1, 1)}, {"fc.weight": (8, 4)}, True),
        ({"fc.weight": (8, 4)}, {"fc.weight": (8, 4, 1, 1)}, True),
        ({"fc.weight": (8, 4, 1)}, {"fc.weight": (8, 4, 1, 1)}, True),
        ({"token": (1, 1, 8)}, {"cls": (8,)}, True),
        ({"scale": (8, 1, 1)}, {"gamma": (8,)}, True),
        ({"bn.weight": (8,), "bn.bias": (8,)}, {"n.gamma": (1, 8, 1, 1), "n.beta": (1, 8, 1, 1)}, True),
        ({"fc.weight": (1, 8)}, {"fc.weight": (8, 1)}, False),  # one to many is not many to one
        ({"fc.weight": (8, 1)}, {"fc.weight": (8,)}, False),
        ({"dw.weight": (8, 1, 3, 3)}, {"dw.weight": (1, 8, 3, 3)}, False),
        ({"dw.weight": (8, 1, 3, 3)}, {"dw.weight": (8, 3, 3)}, False),
        ({"fc.weight": (4, 8)}, {"fc.weight": (8, 4)}, False),
        ({"fc.weight": (4, 9)}, {"fc.weight": (4, 1, 3, 3)}, False),
    ],
)
def test_shapes_change_only_where_the_effect_does_not(
    ours: dict[str, tuple[int, ...]], theirs: dict[str, tuple[int, ...]], paired: bool
) -> None:
    made = one(ours, theirs)
    assert made.complete == paired
    assert len(made.pairs) == (len(ours) if paired else 0)
    assert all(pair.mend for pair in made.pairs)


def test_a_kernel_is_doubtful() -> None:
    made = one({"fc.weight": (4, 4)}, {"dense.kernel": (4, 4)})
    assert [pair.how for pair in made.pairs] == [How.ORDER] and made.doubts
    assert made.notes == [
        "a `kernel` of TensorFlow or Flax has its axes in another order than PyTorch's weights"
    ]


def test_a_tensor_under_two_keys_is_needed_once() -> None:
    both = Stored("F32", (4, 4), lambda: memoryview(b""), "one place")
    made = plan({"a.weight": (4, 4)}, Checkpoint("file", {"a.weight": both, "b.weight": both}, True))
    assert made.complete and made.dropped == {"b.weight": "the same tensor as `a.weight`"}


def test_a_net_that_is_deeper_loses_its_last_layers() -> None:
    ours = {f"layer{i}.{j}.weight": (i, i) for i in (2, 3) for j in range(3)}
    theirs = {f"layer{i}.{j}.weight": (i, i) for i in (2, 3) for j in range(5)}
    made = one(ours, theirs)
    assert made.unused == ["layer2.3.weight", "layer2.4.weight", "layer3.3.weight", "layer3.4.weight"]
    assert all(pair.ours == pair.theirs for pair in made.pairs) and not made.missing
