"""What nothing reads is left out."""

from __future__ import annotations

from archdsl.graph.model import Node
from archdsl.graph.plan import Plan
from archdsl.passes.done import Done, gone
from archdsl.passes.reading import All
from archdsl.passes.rewriting import Rewriting


def dead(work: Rewriting, plan: Plan) -> list[Done]:
    """Leave out layers that no output needs, now that other rewrites have been here.

    Law: what is not read does not matter.

    It holds in all calls of a block or in none.
    """
    done: list[Done] = []
    all_of = All()

    def is_dead(node: Node) -> bool:
        return not node.idle and not any(work.is_output(y) or work.is_read(y) for y in node.outputs)

    for node in reversed(list(work)):
        copies = work.in_all_calls(node)
        if not all_of(is_dead, copies):
            continue
        for one in copies:
            done.append(gone(one, f"{one.operation} left out: nothing reads it"))
            work.remove(one)
    return done
