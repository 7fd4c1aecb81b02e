"""The whole way with a tiny network and few rounds: who is there, what is said of them, and what is held."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

import archdsl
from archdsl.bench import BenchError, Row, Run, Settings, bench
from archdsl.bench.comparisons import compare
from archdsl.bench.contestants import contestants, networks
from archdsl.bench.machine import Limits, attainable
from archdsl.bench.memory import held, peak
from archdsl.bench.steps import Step, prepare
from archdsl.bench.weights import settle
from archdsl.verify import Peer
from tests.bench.support import RENAMED, TINY, quick, tiny

pytestmark = pytest.mark.torch


class Written(nn.Module):
    """`tiny` by hand."""

    def __init__(self, width: int = 4, factor: float = 1.0) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
        )
        self.head = nn.Linear(width, 10)
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.head(self.body(x).mean((2, 3)))
        return y * self.factor


def peer(**how: Any) -> Peer:
    return Peer("timm:written", "1.2", lambda: Written(**how))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)


def few(**more: Any) -> Settings:
    return Settings(rounds=1, threads=(1,), **more)


@pytest.fixture(autouse=True)
def _as_before() -> Any:
    before = torch.get_num_threads()
    yield
    assert torch.get_num_threads() == before, "threads are as they were"


def test_alone() -> None:
    report = bench(tiny(), [], few(batches=(1, 2)))
    assert report.holds
    assert [(run.threads, run.batch, run.rounds) for run in report.runs] == [(1, 1, 1), (1, 2, 1)]
    for run in report.runs:
        assert [row.form for row in run.rows] == ["as written", "channels-last", "rewritten"]
        assert run.rows[0].difference == 0
        assert all(row.difference is not None and row.difference < 1e-5 for row in run.rows)
        assert all(row.seconds and row.peak and row.share for row in run.rows)
        assert run.limits.flops > 0 and run.limits.bandwidth > 0 and run.bound in ("arithmetic", "memory")
        assert next((one.ours, one.theirs) for one in run.comparisons) == (
            "tiny, rewritten",
            "tiny, as written",
        )
        assert run.comparisons[0].verdict.said.startswith("cannot conclude: 1 round is too few")


def test_against_a_peer() -> None:
    """It gets our weights by their order, and is what all are measured by."""
    report = bench(tiny(), [peer()], few(batches=(2,)))
    assert report.holds and report.versions == {"torch": torch.__version__, "timm": "1.2"}
    (run,) = report.runs
    assert [row.name for row in run.rows] == [
        "timm:written, as written",
        "timm:written, channels-last",
        "tiny, as written",
        "tiny, rewritten",
    ]
    assert [row.ours for row in run.rows] == [False, False, True, True]
    assert all(row.difference is not None and row.difference < 1e-5 for row in run.rows)
    assert {
        ("tiny, rewritten", "timm:written, as written"),
        ("tiny, rewritten", "timm:written, channels-last"),
    } <= {(one.ours, one.theirs) for one in run.comparisons}


def test_results_that_differ_are_told() -> None:
    report = bench(tiny(), [peer(factor=1.5)], few())
    assert not report.holds
    assert [(row.network, row.differs) for row in report.runs[0].rows] == [
        ("timm:written", False),
        ("timm:written", False),
        ("tiny", True),
        ("tiny", True),
    ]


def test_weights_that_do_not_fit() -> None:
    with pytest.raises(BenchError, match="tiny and timm:written are not the same network: ") as error:
        bench(tiny(), [peer(width=5)], few())
    assert "archdsl verify --against" in error.value.help


def test_against_a_spec() -> None:
    """One whose weights fit computes the same; another keeps its own, and nothing is held."""
    (run,) = bench(tiny(), [tiny(RENAMED), tiny(width=8)], few()).runs
    assert [row.name for row in run.rows] == [
        "renamed, as written",
        "renamed, rewritten",
        "tiny, as written",
        "tiny, rewritten",
        "<string>:tiny, as written",
        "<string>:tiny, rewritten",
    ]
    assert not any(row.differs for row in run.rows)
    with pytest.raises(BenchError, match="takes inputs of other shapes: 3×6×6, not 3×8×8"):
        bench(tiny(), [tiny(TINY.replace("8, 8", "6, 6"))], few())


def test_training() -> None:
    (run,) = bench(tiny(), [peer()], few(batches=(2,), purpose="training")).runs
    for row in run.rows:
        assert row.difference is not None and row.difference < 1e-5
        assert row.saved is not None and row.peak is not None and row.peak >= row.saved > 0
        assert not row.problem


@pytest.mark.slow
@pytest.mark.ecosystem
@pytest.mark.parametrize("purpose", ["inference", "training"])
def test_compiled(purpose: str) -> None:
    """Every compiled form has a graph of its own."""
    report = bench(tiny(), [peer()], few(batches=(2,), purpose=purpose, targets=("compile",)))
    assert report.holds
    for run in report.runs:
        compiled = [row for row in run.rows if "compile" in row.form]
        assert len(compiled) == (5 if purpose == "inference" else 3)
        assert all(row.graphs == 1 and not row.problem for row in compiled)
        assert run.recompiled == 0


def test_a_form_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import archdsl.bench.running as room

    def fails(form: Any, *rest: Any) -> Step:
        if form.channels_last:
            raise RuntimeError("no such kernel\nat all")
        return prepare(form, *rest)

    monkeypatch.setattr(room, "prepare", fails)
    report = bench(tiny(), [], few())
    assert not report.holds
    assert [row.problem for row in report.runs[0].rows] == ["", "RuntimeError: no such kernel", ""]
    json.dumps(report.as_data(), allow_nan=False)


def test_a_module_that_writes_over_its_input_is_told() -> None:
    """It would compute on other numbers each time, which may become denormal or infinite."""
    text = "network net { input x: [3, 8, 8]; relu -> conv(4, 3); output y }"
    other = Peer(
        "timm:net", "1.2", lambda: nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(3, 4, 3, padding=1))
    )
    with pytest.raises(BenchError, match="timm:net, as written cannot be run: it writes over its input"):
        bench(tiny(text), [other], few())


def test_a_network_that_cannot_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TINY.replace("gap", "global_norm").replace("global_norm", "maxpool(8) -> flatten -> bn")
    with pytest.raises(
        BenchError, match="tiny, as written cannot be run: ValueError: Expected more than 1 value"
    ):
        bench(tiny(text), [], few(purpose="training"))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_form_as_data(dtype: str) -> None:
    data = bench(tiny(), [], few(dtype=dtype)).as_data()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert list(data) == [
        "archdsl", "spec", "model", "for", "dtype", "device", "device_name", "versions", "inputs", "passes",
        "checkpoint", "holds", "runs",
    ]  # fmt: skip
    assert (data["model"], data["for"], data["dtype"], data["device"]) == ("tiny", "inference", dtype, "cpu")
    assert data["inputs"] == {"image": [3, 8, 8]} and data["versions"] == {"torch": torch.__version__}
    (run,) = data["runs"]
    assert list(run) == [
        "threads", "batch", "rounds", "recompiled", "machine", "attainable_seconds", "bound", "noise", "contestants", "comparisons",
    ]  # fmt: skip
    assert list(run["contestants"][0]) == [
        "network", "form", "ours", "target", "seconds", "speed", "difference", "differs", "peak_bytes",
        "saved_bytes_per_sample", "share_of_limit", "graphs", "problem",
    ]  # fmt: skip
    assert run["contestants"][0]["speed"] == {"median": 1.0, "low": None, "high": None, "samples": 1}
    assert list(run["comparisons"][0]) == ["of", "to", "ours", "theirs", "speed", "verdict", "said"]


def test_weights_are_the_same_for_all() -> None:
    settings = few()
    found = networks(tiny(), [peer(), tiny(RENAMED)], settings)
    x = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        first, *others = (network.module.eval()(x) for network in found)
    assert all(torch.allclose(first, one, atol=1e-6) for one in others)
    who = list(contestants(found, settings))
    written = [one for one in who if one.form.name == "as written"]
    assert [one.build() is one.network.module for one in written] == [False] * 3, (
        "each has a module of its own"
    )


def test_sequences_have_no_channels_last() -> None:
    text = "network n() {\n  input x: [3, 64]\n  conv(8, 3) -> relu -> gap\n  output y\n}\nmodel one = n()\n"
    found = networks(archdsl.loads(text), [], few())
    assert [one.form.name for one in contestants(found, few())] == ["as written", "rewritten"]


def test_statistics_are_those_of_the_activations() -> None:
    """Each norm's output has variances near those that its weights say, however deep it is."""
    deep = tiny(TINY.replace("gap", "{ conv(width, 3, bias=false) -> bn -> relu } * 30\n  gap"), width=16)
    torch.manual_seed(0)
    net = settle(deep.build(), [[3, 8, 8]], "cpu")
    last = [part for part in net.modules() if isinstance(part, nn.BatchNorm2d)][-1]
    seen: list[torch.Tensor] = []
    last.register_forward_hook(lambda module, arrived, result: seen.append(result))
    with torch.no_grad():
        net(torch.randn(8, 3, 8, 8))
    ratio = seen[0].std((0, 2, 3)) / last.weight.detach().abs()
    assert bool(((ratio > 0.3) & (ratio < 3)).all())
    assert all(part.momentum == 0.1 for part in net.modules() if isinstance(part, nn.BatchNorm2d))


def test_a_network_without_numbers_is_refused() -> None:
    class Infinite(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x / 0

    with pytest.raises(BenchError, match="not finite"):
        settle(Infinite(), [[3, 8, 8]], "cpu")


def measured(run: Callable[[], Any]) -> tuple[int | None, int | None]:
    step = Step(run, torch.no_grad, [], run, run)
    return peak(step, "cpu"), held(step, "cpu")


def test_memory_is_what_is_there_at_once() -> None:
    def one_after_another() -> Any:
        for _ in range(3):
            torch.empty(1000, dtype=torch.uint8)
        return torch.empty(500, dtype=torch.uint8)

    def all_at_once() -> Any:
        return [torch.empty(1000, dtype=torch.uint8) for _ in range(3)]

    assert measured(one_after_another) == (1000, 500)
    assert measured(all_at_once) == (3000, 3000)
    unknown = Step(all_at_once, torch.no_grad, [])
    assert held(unknown, "cpu") is None and peak(unknown, "cpu") is None


def test_saved_activations() -> None:
    """A linear layer keeps what arrives, which was there before, and ReLU its result: 2 × 50 numbers of 4 bytes."""
    net = nn.Sequential(nn.Linear(10, 50), nn.ReLU())
    x = torch.randn(2, 10)
    step = Step(lambda: None, torch.enable_grad, [], forward=lambda: net(x))
    assert held(step, "cpu") == 2 * 50 * 4


def test_the_roof() -> None:
    """The slower of arithmetic and traffic; training takes three times as much."""
    arch = tiny()
    quick, slow = Limits(2.0 * arch.macs, 1e30), Limits(1e30, 4.0 * (arch.params + 3 * arch.activations))
    assert attainable(arch, 3, Settings(), quick) == (3.0, "arithmetic")
    assert attainable(arch, 3, Settings(), slow) == (1.0, "memory")
    assert attainable(arch, 3, Settings(dtype="bfloat16"), slow) == (0.5, "memory")
    assert attainable(arch, 3, Settings(purpose="training"), slow) == (3.0, "memory")


def rows() -> list[Row]:
    times = {
        ("peer", "as written", "eager"): 4.0,
        ("peer", "channels-last", "eager"): 3.0,
        ("peer", "compile", "compile"): 2.0,
        ("net", "as written", "eager"): 4.0,
        ("net", "rewritten", "eager"): 2.5,
        ("net", "rewritten, compile", "compile"): 1.0,
    }
    found = []
    for (network, form, target), seconds in times.items():
        row = Row(network, form, network == "net", "rewritten" in form, target)
        row.samples, row.seconds = [seconds] * 8, seconds
        found.append(row)
    found.append(Row("peer", "broken", False, False, "compile", problem="it broke"))
    return found


def test_like_against_like_and_best_against_best() -> None:
    found = [(one.of, one.to, one.ours, one.theirs, one.speed.middle) for one in compare(rows(), None)]
    assert found == [
        ("eager", "as written", "net, rewritten", "peer, as written", 1.6),
        ("eager", "channels-last", "net, rewritten", "peer, channels-last", 1.2),
        ("best", "as written", "net, rewritten, compile", "peer, as written", 4.0),
        ("best", "channels-last", "net, rewritten, compile", "peer, channels-last", 3.0),
        ("best", "best", "net, rewritten, compile", "peer, compile", 2.0),
    ]


def test_alone_the_module_as_written_is_the_other() -> None:
    ours = [row for row in rows() if row.ours]
    found = [(one.of, one.to, one.ours, one.theirs) for one in compare(ours, None)]
    assert found == [
        ("eager", "as written", "net, rewritten", "net, as written"),
        ("best", "as written", "net, rewritten, compile", "net, as written"),
        ("best", "best", "net, rewritten, compile", "net, as written"),
    ]


def test_numbers_without_bounds_are_null() -> None:
    row = Row("net", "as written", True, False, "eager", difference=math.inf, differs=True)
    assert row.as_data()["difference"] is None and row.as_data()["differs"] is True
    assert Run(1, 1, Limits(1.0, 1.0), [row]).as_data()["noise"] is None
