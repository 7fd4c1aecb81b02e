from __future__ import annotations

import time

from archdsl.graph.naming import assign_names
from archdsl.graph.prune import prune
from tests.graph.builder import Builder


def operations(b: Builder) -> list[str]:
    return [node.operation for node in b.graph.nodes]


def test_nothing_to_do() -> None:
    b = Builder()
    x = b("relu", b.input("image", 3, 8, 8))
    b.output("y", x)
    assert prune(b.graph) == []
    assert operations(b) == ["input", "relu"]
    assert not any(node.training for node in b.graph.nodes)


def test_a_dead_piece_is_one_warning_at_its_end() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    with b.group("side"):
        g = b("bn", x)
        b("relu", g, at=20)
    x = b("bn", x)
    b.output("y", x)
    (warning,) = prune(b.graph)
    assert warning.code == "W001" and "side" in warning.message and "moves the flow" in warning.help
    assert operations(b) == ["input", "bn"]
    assert [node.id for node in b.graph.nodes] == [0, 1]
    assert len(b.graph.root.children) == 1 and len(b.graph.scope.items) == 2
    assert assign_names(b.graph) == [] and b.graph.root.children[0].path == "bn1"


def test_names_and_places() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    dead = b("relu", x, at=30)
    dead.names.append("g")
    b("relu", x, at=31)
    with b.block("unit", at=40):
        y = b("bn", x)
        b("sigmoid", y, at=41).names.append("inner")
    b.output("y", y)
    messages = [(w.span.line, w.message) for w in prune(b.graph)]
    assert messages == [
        (30, "`g` reaches no output and is left out"),
        (31, "the result of `relu` reaches no output and is left out"),
        (41, "`inner` reaches no output and is left out"),
    ]


def test_a_dead_call_is_reported_where_it_is_made_and_once() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    for _ in range(3):
        with b.block("gate", at=50), b.repeat("inner", at=5):
            b("relu", x, at=6)
    b.output("y", x)
    (warning,) = prune(b.graph)
    assert warning.span.line == 50 and "`gate`" in warning.message
    assert b.graph.root.children == []


def test_split_in_part_is_alive() -> None:
    b = Builder()
    x = b.input("image", 4, 8, 8)
    first, _ = b.bundle("split", x, parts=2)
    b.output("y", first)
    assert prune(b.graph) == []
    assert operations(b) == ["input", "split"]


def test_an_unused_input_stays() -> None:
    b = Builder()
    b.input("image", 3, 8, 8)
    y = b.input("depth", 1, 8, 8)
    b.output("y", y)
    (warning,) = prune(b.graph)
    assert warning.message == "the input `image` reaches no output"
    assert operations(b) == ["input", "input"] and list(b.graph.inputs) == ["image", "depth"]


def test_training() -> None:
    b = Builder()
    x = b("bn", b.input("image", 3, 8, 8))
    aux = b("relu", b("sigmoid", x))
    both = b("tanh", x)
    y = b("relu", b("add", both, x))
    b.output("aux", aux, both, training=True)
    b.output("y", y)
    assert prune(b.graph) == []
    assert [n.operation for n in b.graph.nodes if n.training] == ["sigmoid", "relu"]


def shared_block(b: Builder, dead_second_call: bool = False) -> None:
    """A shared block of a bn with two results; each call's user takes another one of them."""
    x = b.input("image", 3, 8, 8)
    with b.block("head", "head", shared=True) as head:
        first = b("relu", b("bn", x))
        b("sigmoid", first)
    with b.call(head):
        again = b("bn", x, module=head.children[0])
        again = b("relu", again, module=head.children[1])
        second = b("sigmoid", again, module=head.children[2])
    b.output("y", *([first] if dead_second_call else [first, second]))


def test_calls_of_a_shared_block_keep_the_same_parts() -> None:
    b = Builder()
    shared_block(b)
    assert prune(b.graph) == []
    assert operations(b) == ["input", "bn", "relu", "sigmoid", "bn", "relu", "sigmoid"]


def test_a_dead_call_of_a_shared_block_goes() -> None:
    b = Builder()
    shared_block(b, dead_second_call=True)
    warnings = prune(b.graph)
    assert [w.code for w in warnings] == ["W001", "W001"]
    assert operations(b) == ["input", "bn", "relu"]
    (head,) = b.graph.root.children
    assert len(head.scopes) == 1 and [c.stem for c in head.children] == ["bn", "relu"]


def test_what_counterparts_need_is_kept_too() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    gate = b("tanh", x)
    with b.block("head", "head", shared=True) as head:
        first = b("relu", x)
        b("add", gate, x)
    with b.call(head):
        b("relu", x, module=head.children[0])
        second = b("add", x, x)
    b.output("y", first, second)
    assert prune(b.graph) == []
    assert operations(b) == ["input", "tanh", "relu", "add", "relu", "add"]


def test_linear_time() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    with b.block("head", "head", shared=True) as head:
        for _ in range(20):
            x = b("relu", x)
    for _ in range(2000):
        with b.call(head):
            for child in head.children:
                x = b("relu", x, module=child)
    b.output("y", x)
    start = time.process_time()
    assert prune(b.graph) == []
    assert time.process_time() - start < 30
