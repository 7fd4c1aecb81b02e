"""Levels: the modules that hold others, what enters and leaves them, and the steps of their forward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from archdsl.emit.folding import is_rewritten
from archdsl.emit.packages import Packages
from archdsl.graph.boundary import boundaries
from archdsl.graph.measures import form_of, measures_of, read_by
from archdsl.graph.model import Definition, Graph, Module, ModuleKind, Node, Scope, Tensor
from archdsl.graph.naming import SEQUENTIAL_ATTRIBUTES
from archdsl.layers.form import Form, FunctionForm, ModuleForm

#: Where a tensor comes from, as a level sees it: (step, its output), or (ARGUMENT, position).
Ref = tuple[int, int]
ARGUMENT = -1


@dataclass(eq=False, slots=True)
class Step:
    """One call in a level: of a layer, or of an inner level. `items` has one item for each call of the level."""

    items: list[Node | Scope]
    module: Module | None
    level: Level | None
    form: Form | None
    inputs: tuple[Ref, ...]
    results: list[tuple[Tensor, ...]]  # for each output, its tensor in each call of the level
    training: bool
    recomputed: bool = False  # for the backward pass of the one step that reads it

    @property
    def node(self) -> Node:
        """The first layer at work of a step that is no level."""
        node = self.items[0]
        assert isinstance(node, Node)
        return node

    @property
    def listed(self) -> bool:
        """Whether what it gives is a list or tuple of one."""
        return isinstance(self.form, ModuleForm) and self.form.listed and len(self.results) == 1


@dataclass(eq=False, slots=True)
class Level:
    """A module that is not a single layer. Tensors are given for each of its calls."""

    module: Module
    height: int
    steps: list[Step] = field(default_factory=list)
    arguments: list[tuple[Tensor, ...]] = field(default_factory=list)
    outputs: list[Ref] = field(default_factory=list)
    results: list[tuple[Tensor, ...]] = field(default_factory=list)
    training: list[bool] = field(default_factory=list)  # for each output: it exists in training only
    foreign: list[Module] = field(default_factory=list)  # called inside, owned outside
    chain: bool = False  # its children one after another, and nothing else

    @property
    def plain(self) -> bool:
        """Takes a tensor, gives a tensor."""
        return len(self.arguments) == len(self.outputs) == 1 and not self.foreign and not self.training[0]


class Analysis:
    """The levels of a graph, inner ones before those around them."""

    def __init__(self, graph: Graph, packages: Packages) -> None:
        self._packages = packages
        self._bare = is_rewritten(graph)
        self.levels: dict[Module, Level] = {}
        self._number = {node: i for i, node in enumerate(graph.nodes)}
        self._boundaries = boundaries(graph, self._read)
        self._forms: dict[tuple[object, ...], Form] = {}
        self._call: dict[Scope, int] = {}  # which of its module's calls a scope is
        self._training: dict[Scope, bool] = {}  # whether all of a call is for training only
        for module in _levels(graph.root):
            self._call.update((scope, i) for i, scope in enumerate(module.scopes))
            self.levels[module] = self._level(module, [])
        root = self.root = self._level(graph.root, [(tensor,) for tensor in graph.inputs.values()])
        self.levels[graph.root] = root
        places = _made(root, 0)
        places.update((tensors[0], (ARGUMENT, i)) for i, tensors in enumerate(root.arguments))
        for output in graph.outputs:
            for tensor in output.tensors:
                root.outputs.append(places[tensor])
                root.results.append((tensor,))
                root.training.append(output.training)
        _leave_out_idle(root)

    def form(self, node: Node) -> Form:
        """The layer in PyTorch."""
        assert node.layer is not None
        measures = measures_of(node, self._number)
        read = read_by(node, measures)
        measured = ((m.parameter, read.index(m.tensor), m.axis) for m in measures)
        key = (id(node.layer), *(t.shape for t in node.inputs), *measured)
        found = self._forms.get(key)
        if found is None:
            xs, ys = tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs)
            found = self._packages.spelled(node, form_of(node, node.layer, xs, ys, measures))
            if self._bare and not isinstance(found, FunctionForm):  # its weights come from elsewhere
                found = replace(found, init=())
            self._forms[key] = found
        return found

    def _read(self, node: Node) -> list[Tensor]:
        """What it takes, then other tensors whose sizes it reads."""
        return read_by(node, measures_of(node, self._number))

    def _level(self, module: Module, arguments: list[tuple[Tensor, ...]]) -> Level:
        height = 1 + max(
            (self.levels[c].height for c in module.children if c.kind is not ModuleKind.LAYER), default=0
        )
        level = Level(module, height, arguments=arguments)
        scopes = module.scopes
        places = {tensors: (ARGUMENT, i) for i, tensors in enumerate(arguments)}
        for items in zip(*(_calls(scope) for scope in scopes), strict=True):
            step, uses = self._step(list(items))
            inputs = []
            for use in uses:
                if use not in places:
                    places[use] = (ARGUMENT, len(level.arguments))
                    level.arguments.append(use)
                inputs.append(places[use])
            step.inputs = tuple(inputs)
            for k, tensors in enumerate(step.results):
                places[tensors] = (len(level.steps), k)
            level.steps.append(step)
        if module.kind is not ModuleKind.NETWORK:
            for scope in scopes:
                self._training[scope] = all(map(self._is_training, scope.items))
            if all(step.training for step in level.steps):  # the business of the level around
                for step in level.steps:
                    step.training = False
            self._leaving(level)
            _leave_out_idle(level)
            _order_arguments(level)
        self._foreign(level)
        level.chain = module.kind is not ModuleKind.NETWORK and _is_chain(level)
        return level

    def _step(self, items: list[Node | Scope]) -> tuple[Step, Iterator[tuple[Tensor, ...]]]:
        """The step, and for each tensor that it reads, what it is in each call."""
        first = items[0]
        if isinstance(first, Node):
            nodes = [item for item in items if isinstance(item, Node)]
            results = list(zip(*(node.outputs for node in nodes), strict=True))
            training = all(node.training for node in nodes)
            step = Step(items, first.module, None, self.form(first), (), results, training, first.recomputed)
            return step, zip(*(self._read(node) for node in nodes), strict=True)
        level = self.levels[first.module]
        calls = [self._call[item] for item in items if isinstance(item, Scope)]
        results = [tuple(tensors[i] for i in calls) for tensors in level.results]
        training = all(map(self._is_training, items))
        step = Step(items, first.module, level, None, (), results, training)
        return step, (tuple(tensors[i] for i in calls) for tensors in level.arguments)

    def _is_training(self, item: Node | Scope) -> bool:
        return self._training[item] if isinstance(item, Scope) else item.training

    def _leaving(self, level: Level) -> None:
        """What leaves in any of its calls, in the order in which it is made."""
        found: set[Ref] = set()
        for i, scope in enumerate(level.module.scopes):
            made = _made(level, i)
            found.update(made[t] for t in self._boundaries[scope].leaving)
        if not found:  # none of it is computed: it keeps the shape of its copies, which are
            read = {ref for step in level.steps for ref in step.inputs}
            every = ((i, k) for i, step in enumerate(level.steps) for k in range(len(step.results)))
            found.update(ref for ref in every if ref not in read)
        for ref in sorted(found):
            step, k = ref
            level.outputs.append(ref)
            level.results.append(level.steps[step].results[k])
            inner = level.steps[step].level
            level.training.append(level.steps[step].training or (inner is not None and inner.training[k]))

    def _foreign(self, level: Level) -> None:
        found: dict[Module, None] = {}
        for step in level.steps:
            called = [] if step.module is None else [step.module]
            for module in called if step.level is None else called + step.level.foreign:
                if module.parent is not level.module:
                    found[module] = None
        level.foreign = list(found)


def _levels(root: Module) -> list[Module]:
    """Modules inside that are not single layers, inner ones before those around them."""
    order: list[Module] = []
    stack = [child for child in root.children if child.kind is not ModuleKind.LAYER]
    while stack:
        module = stack.pop()
        order.append(module)
        stack.extend(child for child in module.children if child.kind is not ModuleKind.LAYER)
    return order[::-1]


def _calls(scope: Scope) -> list[Node | Scope]:
    """What a scope computes: its items but for the inputs of the network."""
    return [item for item in scope.items if isinstance(item, Scope) or item.layer is not None]


def _made(level: Level, call: int) -> dict[Tensor, Ref]:
    return {
        tensors[call]: (i, k) for i, step in enumerate(level.steps) for k, tensors in enumerate(step.results)
    }


def _leave_out_idle(level: Level) -> None:
    """Drop the steps that give nothing to what leaves, and the arguments that only they read."""
    needed = {step for step, _ in level.outputs}
    for i in range(len(level.steps) - 1, -1, -1):
        if i in needed:
            needed.update(step for step, _ in level.steps[i].inputs)
    kept = [i for i in range(len(level.steps)) if i in needed]
    if len(kept) == len(level.steps):
        return
    steps = {old: new for new, old in enumerate(kept)}
    level.steps = [level.steps[i] for i in kept]
    read = {k for step in level.steps for s, k in step.inputs if s == ARGUMENT}
    if level.module.kind is ModuleKind.NETWORK:
        read.update(range(len(level.arguments)))
    arguments = {old: new for new, old in enumerate(sorted(read))}
    level.arguments = [level.arguments[i] for i in sorted(read)]

    def moved(ref: Ref) -> Ref:
        return (ARGUMENT, arguments[ref[1]]) if ref[0] == ARGUMENT else (steps[ref[0]], ref[1])

    for step in level.steps:
        step.inputs = tuple(map(moved, step.inputs))
    level.outputs = [moved(ref) for ref in level.outputs]


def _order_arguments(level: Level) -> None:
    """Tensors that the text names as inputs of the block stand in its order, others as they are first read."""
    given = argument_names(level)
    if not given:
        return
    order = sorted(range(len(level.arguments)), key=lambda i: (given.get(i, (1 << 30, ""))[0], i))
    place = {old: new for new, old in enumerate(order)}
    level.arguments = [level.arguments[old] for old in order]
    for step in level.steps:
        step.inputs = tuple((s, place[k]) if s == ARGUMENT else (s, k) for s, k in step.inputs)


def argument_names(level: Level) -> dict[int, tuple[int, str]]:
    """For arguments that the text orders: their rank, and their name in `takes` or among parameters, or "".

    The order is that in which tensors arrive at the call, then that of parameters. Members of a starred name are
    `*rest1`, `*rest2` and so on.
    """
    module = level.module
    if module.definition is None:
        return {}
    place = {tensors[0]: i for i, tensors in reversed(list(enumerate(level.arguments)))}
    arriving = module.scopes[0].arriving
    named = [
        (tensor, name)
        for tensor, name in zip(arriving, _taken(module.definition, len(arriving)), strict=True)
    ]
    for name in module.definition.parameters:
        value = module.arguments.get(name)
        members = [
            m for m in (value if isinstance(value, (list, tuple)) else [value]) if isinstance(m, Tensor)
        ]
        named += [(m, name if len(members) == 1 else f"{name}{i}") for i, m in enumerate(members, 1)]
    found: dict[int, tuple[int, str]] = {}
    for rank, (tensor, name) in enumerate(named):
        if tensor in place:
            found.setdefault(place[tensor], (rank, name))
    return found


def _taken(definition: Definition, arriving: int) -> list[str]:
    """Names that `takes` gives to so many tensors; "" without it."""
    takes = definition.takes
    single = [name for name in takes if not name.startswith("*")]
    rest = arriving - len(single)
    names: list[str] = []
    for name in takes:
        if not name.startswith("*"):
            names.append(name)
        elif rest == 1:
            names.append(name[1:])
        else:
            names += [f"{name}{i}" for i in range(1, rest + 1)]
    return names if len(names) == arriving else [""] * arriving


def _is_chain(level: Level) -> bool:
    """Whether `nn.Sequential` says it all: each child once, in order, each taking what the last one gave."""
    if not level.plain or level.outputs != [(len(level.steps) - 1, 0)]:
        return False
    if [step.module for step in level.steps] != level.module.children:
        return False
    return all(
        step.inputs == ((i - 1, 0),)
        and len(step.results) == 1
        and not step.training
        and not step.recomputed
        and not step.listed
        and (step.level.plain if step.level is not None else isinstance(step.form, ModuleForm))
        and step.module is not None
        and step.module.name not in SEQUENTIAL_ATTRIBUTES
        for i, step in enumerate(level.steps)
    )
