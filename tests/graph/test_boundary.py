from __future__ import annotations

from archdsl.graph.boundary import boundaries
from archdsl.graph.model import Scope
from tests.graph.builder import Builder


def test_what_enters_and_leaves() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    with b.block("outer"):
        with b.block("inner"):
            skip = b("bn", x)
            y = b("relu", skip)
        y = b("add", y, x)
    z = b("add", y, skip)
    b.output("z", z)
    found = boundaries(b.graph)
    outer = next(item for item in b.graph.scope.items if isinstance(item, Scope))
    inner = next(item for item in outer.items if isinstance(item, Scope))
    assert found[b.graph.scope].entering == [] and found[b.graph.scope].leaving == [z]
    assert found[outer].entering == [x] and found[outer].leaving == [y, skip]
    assert found[inner].entering == [x] and found[inner].leaving[0].node.operation == "relu"
    assert found[inner].leaving[1] is skip
