"""Large networks: time in proportion to their layers, and modules that stay small."""

from __future__ import annotations

import time

import archdsl
from archdsl.emit import emit_module


def seconds(text: str) -> tuple[float, str]:
    graph = archdsl.loads(text)._graph
    start = time.process_time()
    source = emit_module(graph, "0.0.0")
    return time.process_time() - start, source


def repeated(count: int) -> str:
    return (
        "block unit(c) { ( it | conv(c, 3) -> bn -> relu -> conv(c, 3) -> bn ) -> add -> relu }\n"
        f"network net {{ input image: [8, 8, 8]; conv(8, 3); unit(8) * {count}; output y }}"
    )


def uneven(count: int) -> str:
    return (
        "network net { input image: [8]\n"
        f"  for i in range({count}) {{ linear(8 + (i * i) % 7) -> relu }}\n  output y }}"
    )


def test_a_thousand_blocks_are_one_line() -> None:
    spent, source = seconds(repeated(1000))
    assert source.count("\n") < 70
    assert spent < 60


def test_time_is_linear() -> None:
    for text in (repeated, uneven):
        small = min(seconds(text(250))[0] for _ in range(2))
        large = min(seconds(text(2000))[0] for _ in range(2))
        assert large < 8 * small * 3 + 0.5
