"""What nothing reads is left out."""

from __future__ import annotations

from archdsl.graph.plan import Plan
from archdsl.passes.done import Done, gone
from archdsl.passes.rewriting import Rewriting


def dead(work: Rewriting, plan: Plan) -> list[Done]:
    """Leave out layers that no output needs, now that other rewrites have been here.

    Law: what is not read does not matter.

    It holds in all calls of a block or in none.
    """
    done: list[Done] = []
    for node in reversed(list(work)):
        copies = work.in_all_calls(node)
        if any(one.idle or any(map(work.is_output, one.outputs)) for one in copies):
            continue
        if any(work.readers(tensor) for one in copies for tensor in one.outputs):
            continue
        for one in copies:
            done.append(gone(one, f"{one.operation} left out: nothing reads it"))
            work.remove(one)
    return done
