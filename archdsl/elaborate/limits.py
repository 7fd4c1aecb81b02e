"""Bounds of elaboration: a spec is untrusted, so everything that it can make grow has one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`depth` of block calls, `nesting` of elements in each other, `nodes` of the graph; `steps` of evaluation
    beyond the `steps_per_node` that each node of the graph may have, and those after a mistake; `walks` from
    tensor to tensor, to tell of mistakes where what arrives comes from; sizes of single values."""

    depth: int = 100
    nesting: int = 3000
    nodes: int = 1_000_000
    steps: int = 1_000_000
    steps_per_node: int = 20
    steps_after_mistake: int = 200_000
    walks: int = 2_000_000
    integer_bits: int = 4096
    list_length: int = 1_000_000
    text_length: int = 100_000
    function_depth: int = 100
    import_depth: int = 50
    file_count: int = 1000


DEFAULT_LIMITS = Limits()
