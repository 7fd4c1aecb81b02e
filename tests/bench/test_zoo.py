"""The benchmark of the zoo: what is measured, that it goes on where it was cut off, and the table."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from benchmarks import zoo
from benchmarks.zoo_table import render
from tests.zoo.oracles import timm_models

pytestmark = pytest.mark.torch


def options(**more: Any) -> argparse.Namespace:
    none = dict.fromkeys(("models", "threads", "batch", "dtype", "purpose"))
    return argparse.Namespace(**{**none, "device": "cpu", "target": "all", **more})


def test_what_is_measured() -> None:
    """Each pair of a network and a peer once, in the order of the table, in each way."""
    found = list(zoo.cases(options(models="densenet121,resnet18")))
    assert [(case["spec"], case["model"], case["threads"], case["batch"]) for case in found] == [
        (spec, model, threads, batch)
        for spec, model in (("densenet.arch", "densenet121"), ("resnet.arch", "resnet18"))
        for threads in (1, 2)
        for batch in (1, 8)
    ]
    networks = {(case["model"], case["peer"]) for case in zoo.cases(options())}
    assert len(networks) == len({(row["model"], row["peer"]) for row in zoo.read("peers.csv")})
    gpu = list(zoo.cases(options(models="resnet18", device="cuda")))
    assert {(case["purpose"], case["dtype"], case["batch"]) for case in gpu} == {
        (purpose, dtype, batch)
        for purpose in ("inference", "training")
        for dtype in ("float32", "bfloat16")
        for batch in (1, 32, 256)
    }


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["zoo.py", *arguments])
    zoo.main()


def test_it_goes_on_where_it_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "deep" / "zoo.jsonl"
    measured: list[tuple[int, int]] = []

    def measure(case: zoo.Case, _: argparse.Namespace) -> dict[str, Any]:
        measured.append((case["threads"], case["batch"]))
        if case["batch"] == 8:
            return {"case": case, "failed": "it broke"}
        return {"case": case, "report": report()}

    monkeypatch.setattr(zoo, "measure", measure)
    chosen = ("--models", "resnet18", "--results", str(results))
    run(monkeypatch, *chosen, "--threads", "1")
    assert measured == [(1, 1), (1, 8)]
    with results.open("a", encoding="utf-8") as file:
        file.write('{"case": {"spec"')  # the machine went off
    run(monkeypatch, *chosen, "--threads", "1")
    assert measured == [(1, 1), (1, 8)] and "is left out" in capsys.readouterr().err
    run(monkeypatch, *chosen, "--threads", "1", "--retry")
    assert measured == [(1, 1), (1, 8), (1, 8)]
    assert len(zoo.load(results)) == 3, "the line that was cut off did not spoil the next one"


@pytest.mark.slow
@pytest.mark.zoo
def test_a_measurement_ends_within_the_limit() -> None:
    """And one that fails says why."""
    case = next(zoo.cases(options(models="resnet18", target="eager")))
    assert zoo.measure(case, options(seconds=1, limit=0.1))["failed"] == "more than 0.1 s"
    broken = zoo.measure({**case, "dtype": "float99"}, options(seconds=1, limit=500))
    assert broken["failed"] == "KeyError: 'float99'"


@pytest.mark.slow
@pytest.mark.zoo
def test_a_measurement() -> None:
    timm_models()  # or it is skipped
    (case,) = zoo.cases(options(models="mobilenet_025", target="eager", threads="1", batch="1"))
    line = zoo.measure(case, options(seconds=0.1, limit=500))
    assert line["case"] == case and line["report"]["holds"] is True
    assert line["report"]["runs"][0]["rounds"] >= 7
    assert "| `mobilenet_025` |" in render([line])


def speed(middle: float) -> dict[str, float]:
    return {"median": middle, "low": middle - 0.1, "high": middle + 0.1, "samples": 20}


def report(
    best: float = 1.5, verdict: str = "faster", saved: tuple[float, float] | None = None
) -> dict[str, Any]:
    def row(network: str, form: str, number: int, **more: Any) -> dict[str, Any]:
        kept = None if saved is None else saved[network == "peer"]
        plain = {
            "peak_bytes": number * 10**6,
            "problem": None,
            "differs": False,
            "saved_bytes_per_sample": kept,
        }
        return {"network": network, "form": form, **plain, **more}

    def one(
        of: str, to: str, ours: str, theirs: str, middle: float, verdict: str = "faster"
    ) -> dict[str, Any]:
        said = f"{middle} times as fast"
        return {
            "of": of, "to": to, "ours": f"net, {ours}", "theirs": f"peer, {theirs}", "speed": speed(middle),
            "verdict": verdict, "said": said,
        }  # fmt: skip

    rows = [
        row("peer", "as written", 30),
        row("peer", "channels-last", 40),
        row("peer", "compile", 50),
        row("net", "rewritten", 10),
        row("net", "rewritten, compile", 20),
    ]
    comparisons = [
        one("eager", "as written", "rewritten", "as written", 1.25),
        one("eager", "channels-last", "rewritten", "channels-last", 1.0, "unclear"),
        one("best", "as written", "rewritten, compile", "as written", 2.0),
        one("best", "channels-last", "rewritten, compile", "channels-last", 1.75),
        one("best", "best", "rewritten, compile", "compile", best, verdict),
    ]
    return {
        "archdsl": "0.1.0", "device_name": "A Processor", "versions": {"torch": "2.13.0"},
        "runs": [{"contestants": rows, "comparisons": comparisons}],
    }  # fmt: skip


def case(threads: int = 1, batch: int = 1, **more: Any) -> dict[str, Any]:
    plain = {"spec": "net.arch", "model": "net", "peer": "timm:net", "device": "cpu", "purpose": "inference"}
    return {**plain, "dtype": "float32", "threads": threads, "batch": batch, "target": "all", **more}


def test_the_table() -> None:
    lines = [
        {"case": case(), "report": report(1.1)},
        {"case": case(), "report": report()},  # measured again
        {"case": case(2, 8), "report": report(0.75, "slower")},
        {"case": case(2, 1), "failed": "more than 1800 s"},
    ]
    assert (
        render(lines)
        == """\
### Inference, float32, CPU, all forms

A Processor; archdsl 0.1.0, torch 2.13.0

Eager form of ours against theirs as written · in channels-last:

| network | peer | 1 thread, batch 1 | 2 threads, batch 8 | peak MB |
| --- | --- | ---: | ---: | --- |
| `net` | `timm:net` | 1.25 · (1.00) | 1.25 · (1.00) | 10 · 30 |

Our best form against theirs as written · in channels-last · in its best form, and which those are in the last column:

| network | peer | 1 thread, batch 1 | 2 threads, batch 8 | peak MB | best forms |
| --- | --- | ---: | ---: | --- | --- |
| `net` | `timm:net` | 2.00 · 1.75 · 1.50 | 2.00 · 1.75 · 0.75 | 20 · 30 | rewritten, compile · compile |

Slower than its peer, in 2 measurements of 1 network:

- `net`, 2 threads, batch 8: net, rewritten, compile, against peer, compile: 0.75 times as fast

Not measured, or not equal:

- `net`, 2 threads, batch 1: more than 1800 s"""
    )


def test_the_table_of_training() -> None:
    lines = [
        {"case": case(0, 32, purpose="training", device="cuda"), "report": report(saved=(60.1e6, 124.6e6))}
    ]
    found = render(lines)
    assert found.startswith("### Training, float32, CUDA, all forms\n")
    assert "| network | peer | batch 32 | peak MB | saved MB |\n" in found
    assert "| 10 · 30 | 60.1 · 124.6 |\n" in found
    assert "Slower than its peer: none, in 1 measurement of 1 network." in found


def test_results_that_differ_are_told() -> None:
    found = report()
    found["runs"][0]["contestants"][3]["differs"] = True
    found["runs"][0]["contestants"][1]["problem"] = "RuntimeError: no <kernel>"
    text = render([json.loads(json.dumps({"case": case(), "report": found}))])
    assert "- `net`, 1 thread, batch 1, peer, channels-last: RuntimeError: no \\<kernel\\>" in text
    assert "- `net`, 1 thread, batch 1, net, rewritten: results differ" in text
