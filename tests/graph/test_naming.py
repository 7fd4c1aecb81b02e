from __future__ import annotations

import time

import pytest

from archdsl.graph.model import Graph, Module
from archdsl.graph.naming import MODULE_ATTRIBUTES, SEQUENTIAL_ATTRIBUTES, assign_names
from tests.graph.builder import Builder


def paths(graph: Graph) -> list[str]:
    found: list[str] = []

    def walk(module: Module) -> None:
        for child in module.children:
            found.append(child.path)
            walk(child)

    walk(graph.root)
    return found


def test_stems_and_counters() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    x = b("conv", x, channels=4, kernel=3)
    x = b("bn", x)
    x = b("conv", x, channels=4, kernel=3)
    x = b("add", x, x)
    with b.block("unit"):
        x = b("conv", x, channels=4, kernel=1)
        x = b("relu", x)
    with b.block("unit"):
        x = b("conv", x, channels=4, kernel=1)
    assert assign_names(b.graph) == []
    assert paths(b.graph) == [
        "conv1",
        "bn1",
        "conv2",
        "unit1",
        "unit1.conv1",
        "unit1.relu1",
        "unit2",
        "unit2.conv1",
    ]
    assert b.graph.root.path == ""


def test_counter_skips_labels_wherever_they_stand() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    x = b("bn", x)
    x = b("bn", x, label="stem")
    x = b("bn", x)
    x = b("bn", x, label="bn2")
    assert assign_names(b.graph) == []
    assert paths(b.graph) == ["bn1", "stem", "bn3", "bn2"]


def test_counted_names_of_different_stems_do_not_meet() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    with b.block("unit1"):
        x = b("bn", x)
    for _ in range(11):
        with b.block("unit"):
            x = b("bn", x)
    assert assign_names(b.graph) == []
    names = [child.name for child in b.graph.root.children]
    assert len(set(names)) == len(names)
    assert names[0] == "unit11" and names[-1] == "unit12"


def test_groups_count_as_sequential_does() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    with b.group("features"):
        x = b("bn", x)
        x = b("relu", x)
        x = b("add", x, x)  # no module, no number
        x = b("bn", x, label="norm")
        x = b("relu", x)
        with b.block("unit"):
            x = b("bn", x)
    assert assign_names(b.graph) == []
    assert paths(b.graph) == [
        "features",
        "features.0",
        "features.1",
        "features.norm",
        "features.3",
        "features.4",
        "features.4.bn1",
    ]


def test_repetitions() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    with b.repeat("unit"):
        for _ in range(2):
            with b.block("unit", at=3):
                x = b("bn", x, label="norm")
    assert assign_names(b.graph) == []
    assert paths(b.graph) == ["unit1", "unit1.0", "unit1.0.norm", "unit1.1", "unit1.1.norm"]


def test_shared_is_named_where_it_is_declared_and_empty_parts_are_not() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    b.share("relu", "never")
    head = b.share("bn", "head")
    with b.block("nothing"):
        pass
    with b.block("nothing", "labelled"):
        pass
    with b.block("nothing"):
        x = b("add", x, x)  # nodes, if no modules: a level
    x = b("bn", x)
    x = b("bn", x, module=head)
    x = b("bn", x, module=head)
    assert assign_names(b.graph) == []
    named = [child.name for child in b.graph.root.children if child.name]
    assert named == ["head", "nothing1", "bn1"]


def test_two_of_one_name() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    x = b("bn", x, label="norm", at=10)
    x = b("relu", x, label="norm", at=12)
    (error,) = assign_names(b.graph)
    assert (error.code, error.message) == ("E409", "two modules are named `norm`")
    assert error.span.line == 12 and error.labels[0].span.line == 10
    assert '"norm{i}"' in error.help


def test_one_element_built_often_is_one_mistake() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    for _ in range(3):
        with b.block("unit"):
            for _ in range(4):
                x = b("bn", x, label="norm", at=10)
    (error,) = assign_names(b.graph)
    assert error.code == "E409" and error.labels == () and '"norm{i}"' in error.help


def test_digits_against_positions() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    with b.group("body"):
        x = b("bn", x, label="1")
        x = b("bn", x)
    (error,) = assign_names(b.graph)
    assert error.code == "E409" and error.message == "two modules are named `1`"


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("a b", '"a b" cannot name a module: it is not a name'),
        ("a.b", '"a.b" cannot name a module: it is not a name'),
        ("é", '"é" cannot name a module: it is not a name'),
        ("٣", '"٣" cannot name a module: it is not a name'),
        ("norm\n", '"norm\n" cannot name a module: it is not a name'),
        ("", '"" cannot name a module: it is empty'),
        ("class", '"class" cannot name a module: it is a keyword of Python'),
        ("__x", '"__x" cannot name a module: names that begin with `__` are Python\'s own'),
        ("forward", '"forward" cannot name a module: every `torch.nn.Module` has an attribute of this name'),
    ],
)
def test_labels_that_cannot_name_a_module(label: str, message: str) -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    b("bn", x, label=label)
    (error,) = assign_names(b.graph)
    assert (error.code, error.message) == ("E410", message)


def test_sequential_has_names_of_its_own() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    x = b("bn", x, label="pop")
    with b.group("body"):
        x = b("bn", x, label="pop")
    (error,) = assign_names(b.graph)
    assert error.code == "E410" and "nn.Sequential" in error.message


@pytest.mark.parametrize("label", ["0", "01", "conv1", "_x", "layer1", "match", "self"])
def test_labels_that_can(label: str) -> None:
    b = Builder()
    b("bn", b.input("image", 3, 8, 8), label=label)
    assert assign_names(b.graph) == []
    assert b.graph.root.children[0].path == label


@pytest.mark.torch
def test_the_list_is_that_of_torch() -> None:
    nn = pytest.importorskip("torch.nn")
    module = {name for name in dir(nn.Module()) if not name.startswith("__")}
    assert module <= MODULE_ATTRIBUTES
    sequential = {name for name in dir(nn.Sequential()) if not name.startswith("__")}
    assert sequential - module == SEQUENTIAL_ATTRIBUTES


def test_deep_and_wide_trees() -> None:
    b = Builder()
    x = b.input("image", 3, 8, 8)
    stack = []
    for _ in range(5000):
        level = b.block("deep")
        level.__enter__()
        stack.append(level)
    x = b("bn", x)
    while stack:
        stack.pop().__exit__(None, None, None)
    for _ in range(20000):
        x = b("relu", x)
    start = time.process_time()
    assert assign_names(b.graph) == []
    assert time.process_time() - start < 30
    assert b.graph.root.children[-1].path == "relu20000"
