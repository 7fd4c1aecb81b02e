"""The graph of one elaborated network: nodes and tensors, modules (who owns weights) and scopes (who calls whom).

Nodes stand in the order of the text, which is a topological order. Two trees lie over them:

- *modules* are what `state_dict()` sees: the network, block instances, labelled groups, repetitions, and single
  layers. A module that is shared is called several times.
- *scopes* are the calls of modules in time. Each node lives in the innermost scope that computes it. Only a shared
  module has more than one scope.

None of these has a `repr` of its parts: from any of them the whole graph is reached.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar

from archdsl.graph.folds import Fold
from archdsl.graph.plan import Plan, Rewritten
from archdsl.layers import Layer, Shape
from archdsl.source import Span


class ModuleKind(Enum):
    NETWORK = "network"
    BLOCK = "block"
    GROUP = "group"  # a label on something other than one layer or one block call
    REPEAT = "repeat"  # an unlabelled repetition outside labelled groups
    LAYER = "layer"


@dataclass(eq=False, slots=True, repr=False)
class Definition:
    """The `block` or `network` of the text of which modules are instances."""

    name: str
    doc: str
    span: Span
    parameters: tuple[str, ...] = ()
    takes: tuple[
        str, ...
    ] = ()  # names of what arrives, as `takes` writes them ("*rest" included); a network's inputs
    is_network: bool = False


class LabelText(str):
    """The text of a label, and where it stands."""

    span: Span | None = None


@dataclass(eq=False, slots=True, repr=False)
class Module:
    """A place in the tree of modules. `name` is what the naming pass gave it; "" for the network itself."""

    kind: ModuleKind
    stem: str  # the layer's or block's name, what a repetition repeats, or the label
    label: str | None
    parent: Module | None
    span: Span
    definition: Definition | None = None  # NETWORK and BLOCK
    arguments: dict[str, Any] = field(default_factory=dict)  # values of the definition's parameters
    layer: Layer | None = None  # LAYER
    shared: bool = False
    children: list[Module] = field(default_factory=list)
    name: str = ""
    path: str = ""  # dotted, the prefix of its keys in state_dict()
    origin: str = ""  # of a rewritten network: the path that its weights have in the network as it is written
    scopes: list[Scope] = field(default_factory=list)
    weights: dict[str, tuple[int, ...]] = field(default_factory=dict)  # LAYER: trained parameters and shapes
    buffers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    checkpointed: bool = (
        False  # what it computes is not stored for the backward pass, but computed again there
    )


@dataclass(eq=False, slots=True, repr=False)
class Scope:
    """One call of a module that is not a single layer. `items` are its nodes and inner scopes, in order of time."""

    module: Module
    parent: Scope | None
    span: Span  # the call
    items: list[Node | Scope] = field(default_factory=list)
    arriving: tuple[Tensor, ...] = ()  # what a block is applied to, in the order of its `takes`


@dataclass(eq=False, slots=True, repr=False)
class Tensor:
    """An edge's origin: output `index` of `node`. `names` are those that the text gave it."""

    noun: ClassVar[str] = "a tensor"
    node: Node
    index: int
    shape: Shape
    span: Span  # the element that made it
    names: list[str] = field(default_factory=list)


@dataclass(eq=False, slots=True, repr=False)
class Measure:
    """A size that an argument of a layer takes from a tensor: along one axis (without the batch), or of all space."""

    parameter: str
    tensor: Tensor
    axis: int | None


@dataclass(eq=False, slots=True, repr=False)
class Node:
    """One layer at work, or one input of the network (`layer` is None, `input` its name)."""

    id: int
    layer: Layer | None
    inputs: tuple[Tensor, ...]
    scope: Scope
    span: Span
    module: Module | None = None  # None where the layer is no module (joins, shape operations)
    label: str | None = None
    input: str = ""
    macs: int = 0
    training: bool = False  # reaches only outputs that exist in training
    idle: bool = False  # no output needs it: it keeps its weights because its copies do, and is not computed
    recomputed: bool = (
        False  # what it gives is computed again in the backward pass, for the layer that reads it
    )
    outputs: tuple[Tensor, ...] = ()
    measures: tuple[Measure, ...] = ()  # of its layer's arguments, as the text writes them

    @property
    def operation(self) -> str:
        return self.layer.name if self.layer is not None else "input"

    @property
    def path(self) -> str:
        """Where it lives: the path of its module, or of the scope around it."""
        return self.module.path if self.module is not None else self.scope.module.path


@dataclass(eq=False, slots=True, repr=False)
class Output:
    """What leaves the network under a name: a tensor, or the members of a bundle."""

    name: str
    tensors: tuple[Tensor, ...]
    span: Span
    training: bool = False
    bundle: bool = False  # a list in the module


@dataclass(eq=False, slots=True, repr=False)
class Graph:
    """A network, elaborated and checked. Sizes are for one sample; `params` counts trained weights once each."""

    model: str  # the model's name: the factory's
    doc: str
    root: Module
    nodes: list[Node]
    inputs: dict[str, Tensor]
    outputs: list[Output]
    source_name: str
    overrides: dict[str, str] = field(default_factory=dict)  # --set and --input as given
    parameters: dict[str, str] = field(
        default_factory=dict
    )  # of the network, as the language writes their values
    text: object = None  # the file that it is made of (elaborate.program.Unit), for those that read it again
    sized: bool = False  # the text reads sizes of tensors: for other inputs it may be another network
    #: that for inputs of other shapes, if there is one; None where it is not to be worked out
    at: Callable[[dict[str, tuple[int, ...]]], Graph | None] | None = None
    plan: Plan | None = None  # what it is rewritten for
    rewritten: Rewritten | None = None  # and what it was before
    folds: list[Fold] = field(default_factory=list)  # how its weights follow from those of the text's network
    trained: tuple[
        str, ...
    ] = ()  # of a rewritten network: the keys of the text's network, paths of extern blocks

    @property
    def scope(self) -> Scope:
        return self.root.scopes[0]
