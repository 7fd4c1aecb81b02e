"""What is told of passes: what they did and did not, what they say that it saves, and how it is folded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import archdsl
from archdsl.graph.plan import Done, Explained, Plan, Spent, Told
from archdsl.passes import TARGETS
from archdsl.passes.costs import CALL, RIDGE, VALUE, Judge, spent
from archdsl.passes.explain import as_data, as_lines
from tests.zoo.support import SPECS
from tests.zoo.tables import sample

BLOCKS = """\
block unit(c) { conv(c, 3, bias=false) -> bn -> relu }
network net {
  input image: [3, 8, 8]
  stem: conv(4, 3)
  for i in range(1, 4) { "stage{i}": { unit(4) * 2 } }
  gap -> linear(10)
  output logits
}
"""
NOTHING = Spent(0, 0, 0)


def lines(*told: Told, before: Spent = NOTHING, after: Spent = NOTHING) -> list[str]:
    return as_lines(Explained("net.arch", "net", Plan(), before, after, told))


def folded(*paths: str) -> list[str]:
    """The places of equal changes, as they are told."""
    return [line.split()[0] for line in lines(Told("p", tuple(Done(path, "gone") for path in paths)))[3:-4]]


def test_equal_blocks_are_one_line() -> None:
    assert folded("a.b1.c", "a.b2.c", "a.b3.c") == ["a.b{1..3}.c"]
    assert folded("a.b1.c1", "a.b1.c2", "a.b2.c1", "a.b2.c2") == ["a.b{1,2}.c{1,2}"]
    assert folded("a.b1.c1", "a.b1.c2", "a.b2.c1") == ["a.b{1,2}.c*"]
    assert folded("a.0.c", "a.3.c", "a.7.c") == ["a.{0,3,7}.c"]
    assert folded(*(f"a.{3**i}.c" for i in range(5))) == ["a.*.c"]
    assert folded("mixed3a.x", "mixed3b.x", "mixed4a.x") == ["mixed{3a,3b,4a}.x"]
    assert folded("a.c", "b.c") == ["a.c", "b.c"]
    assert folded("conv2d", "conv10d") == ["conv{2d,10d}"]


def test_what_was_done_is_told_beside_its_place() -> None:
    told = Told("p", tuple(Done(f"a.b{i}.norm2", f"folded into a.b{i}.conv1", 0, 250) for i in (1, 2)))
    (line,) = lines(told)[3:-4]
    assert re.split(r"  +", line.strip()) == ["a.b{1,2}.norm2", "folded into conv1", "× 2", "-2.00 kB"]
    told = Told("p", (Done("a.norm", "folded into stem.conv1"), Done("b.norm", "3 members")))
    assert [re.split(r"  +", line.strip())[1] for line in lines(told)[3:-4]] == [
        "folded into stem.conv1",
        "3 members",
    ]


def test_what_was_not_done() -> None:
    text = "\n".join(
        lines(
            Told("p", why="it is early"),
            Told("q", why="it is early"),
            Told("r", left=(Done("a", "x", calls=-2),)),
        )
    )
    assert "not done, it is early: p, q\n" in text
    assert "r would not pay at 1 place\n  a  x         +2 kernels\n" in text


def test_a_network() -> None:
    arch = archdsl.loads(BLOCKS)
    found = arch.explained(Plan(passes=("fold-norm",)))
    text = as_lines(found)
    norm = text.index("fold-norm: 6 changes, -12.3 kB, -6 kernels")
    assert (
        re.split(r"  +", text[norm + 1].strip())[:3] == ["stage{1..3}.*.bn", "folded into conv", "× 6"]
        or text
    )
    data = as_data(found, "1")
    assert (data["for"], data["target"], data["model"]) == ("inference", "eager", "net")
    (fold,) = (one for one in data["passes"] if one["name"] == "fold-norm")
    assert fold["ran"] and [change["bytes"] for change in fold["changes"]] == [2 * VALUE * 256] * 6
    assert data["as_written"]["calls"] - data["compiled"]["calls"] == 6
    (fuse,) = (one for one in data["passes"] if one["name"] == "fuse")
    assert not fuse["ran"] and fuse["why"] and fuse["changes"] == []


@pytest.mark.parametrize(("spec", "model"), sample())
@pytest.mark.parametrize("target", TARGETS)
def test_passes_say_what_they_save(spec: str, model: str, target: str) -> None:
    """What all changes say that they save is what the network as written takes, less what the compiled one takes."""
    found = archdsl.load(Path(SPECS) / spec, model=model).explained(Plan(target=target))
    done = [done for told in found.told for done in told.done]
    for figure in ("macs", "values", "calls"):
        saved = getattr(found.before, figure) - getattr(found.after, figure)
        assert sum(getattr(one, figure) for one in done) == saved, figure


def test_what_a_network_takes() -> None:
    text = "network n { input image: [3, 8, 8]\n conv(4, 3) -> dropout(0.5) -> relu -> flatten -> linear(2)\n output y }"
    arch = archdsl.loads(text)
    assert spent(arch._graph) == Spent(arch.macs, (192 + 256) + 512 + (256 + 2), 3)


def test_what_pays() -> None:
    def pays(target: str = "eager", passes: tuple[str, ...] | None = None, **saved: int) -> bool:
        figures = {"macs": 0, "values": 0, "pointwise": 0, "calls": 0} | saved
        return Judge("clamp", Plan(target=target, passes=passes)).pays("a", "x", **figures)

    assert pays(macs=1) and pays(values=1) and pays(calls=1) and not pays()
    assert pays(macs=RIDGE * VALUE * 10, values=-9) and not pays(macs=RIDGE * VALUE * 10, values=-10)
    assert pays(pointwise=1) and not pays("compile", pointwise=1)  # which fuses them
    assert pays(calls=1, values=-CALL // VALUE + 1) and not pays("cuda-graph", calls=1, values=-1)
    assert pays(passes=("clamp",), values=-1) and not pays(passes=("all",), values=-1)


def test_what_does_not_pay_is_kept() -> None:
    judge = Judge("clamp", Plan())
    assert not judge.pays("a", "x", 0, -5, 2, 0)
    assert judge.left == [Done("a", "x", 0, -3, 0)]


def test_training() -> None:
    """What is told is what is not kept for the backward pass; passes of inference have no place in it."""
    arch = archdsl.load(SPECS / "densenet.arch", model="densenet121")
    found = arch.explained(Plan("training"))
    saved = VALUE * sum(done.values for told in found.told for done in told.done)
    assert found.kept == (129_759_232, 129_759_232 - saved)  # test_keeping.py measures them
    assert saved == 76_869_632
    text = as_lines(found)
    assert text[-3:] == [
        "kept for one sample, as written    130 MB",
        "kept for one sample, compiled     52.9 MB",
        "for one sample, 76.9 MB less is kept for the backward pass",
    ]
    assert not any("fold-norm" in line for line in text)
    assert "compiled" not in as_data(found, "1")
    assert as_data(found, "1")["kept"] == {"as_written": 129_759_232, "compiled": 129_759_232 - saved}
    assert as_lines(arch.explained(Plan("training", "compile")))[-1].startswith(
        "torch.compile's partitioner chooses"
    )
