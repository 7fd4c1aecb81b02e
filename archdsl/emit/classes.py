"""Which classes the module has: one for all levels of equal structure, with what differs as arguments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from archdsl.emit.abstraction import Constructed
from archdsl.emit.arguments import Solver
from archdsl.emit.changes import changes
from archdsl.emit.expand import Expander
from archdsl.emit.formulas import Vector
from archdsl.emit.initial import common_inits, types_of, without
from archdsl.emit.known import Known
from archdsl.emit.levels import Analysis, Level, Ref, argument_names
from archdsl.emit.merge import merged
from archdsl.emit.names import INDICES, LOOPED, RESERVED, Namespace, class_name, flow_name, numbered
from archdsl.emit.parameters import Parameter
from archdsl.emit.ranks import ranked
from archdsl.emit.rounds import rounded
from archdsl.emit.rows import Row, StepRow, Tensors, cells, singles
from archdsl.emit.runs import Repeats
from archdsl.emit.structure import Argument, Draft, Drafter, Instance
from archdsl.emit.template import Applied, Cell, MadeLayer, MadeLevel, Slot, Template
from archdsl.emit.texts import Texts
from archdsl.emit.turns import turned
from archdsl.graph.model import Graph, Module, ModuleKind, Node, Tensor
from archdsl.layers.form import Form

#: What gives the channels of all that arrives.
_JOINING = ("torch.cat", "concatenated")
#: How often the arguments of a class that constructs itself are looked for.
TURNS = 4


@dataclass(eq=False, slots=True)
class LevelClass:
    """A class of the module: a template, its instances, and what its constructor makes of their numbers."""

    number: int
    drafts: list[Draft]
    rows: list[Row]
    steps: list[StepRow]
    outputs: list[Ref]
    solver: Solver
    parameters: list[Parameter]
    arguments: list[str]  # names of the tensors that arrive, wishes
    tensors: list[Tensors]  # what arrives
    shown: tuple[Argument, ...]  # the parameters, as others see them
    name: str = ""
    inner: list[int] = field(
        default_factory=list
    )  # classes of the children but itself, in the order of the text
    types: set[str] = field(
        default_factory=set
    )  # of all modules in an instance, those of PyTorch and our own
    again: str = ""  # the class of those instances that are computed again in the backward pass

    @property
    def template(self) -> Template:
        return self.drafts[0].template

    @property
    def checkpointed(self) -> bool:
        """Whether all instances are computed again in the backward pass."""
        return all(draft.level.module.checkpointed for draft in self.drafts)

    @property
    def module(self) -> Module:
        """The first instance."""
        return self.drafts[0].level.module


class Classifier:
    """Finds the classes of a graph, inner ones before those that use them."""

    def __init__(
        self,
        graph: Graph,
        analysis: Analysis,
        taken: Collection[str],
        texts: Texts,
        varying: Collection[int] = (),
    ) -> None:
        """`taken` are names that constructors read from the top of the file, `varying` the parameters of the text
        that may vary in the module, by their id.
        """
        self._varying = varying
        self.analysis = analysis
        self._taken = taken
        self._constructed: Constructed = {}
        self.classes: list[LevelClass] = []
        self.instances: dict[Module, Instance] = {}
        self._forms: dict[Module, Form] = {}
        self._texts = texts
        self._nodes: dict[Module, Node] = {}  # where a layer works first
        for node in graph.nodes:
            if node.module is not None and node.module not in self._forms:
                self._forms[node.module] = analysis.form(node)
                self._nodes[node.module] = node
        self.inits = common_inits(self._forms)
        if self.inits:
            self._forms = without(self._forms, self.inits)
        levels = analysis.levels
        repeats = Repeats(levels.values())
        order = {module: i for i, module in enumerate(_in_order(graph.root)) if module in levels}
        own = [module for module in order if not is_inline(levels[module])]
        everywhere: dict[object, list[Level]] = {}
        for module in own:
            everywhere.setdefault(identity(module), []).append(levels[module])
        for found in ranked(levels, own, identity):
            blocks: dict[object, list[Level]] = {}
            for level in found:
                blocks.setdefault(identity(level.module), []).append(level)
            for key, block in blocks.items():
                whole = everywhere.pop(key, [])
                if len(whole) > len(block):  # it holds itself
                    self._add_recursive(whole, levels, repeats)
                if block[0].module not in self.instances:
                    for drafts in self._shared(block, levels, repeats):
                        self._add(self._class(drafts, len(self.classes)))
        self.root = self.classes[-1]

    def _shared(self, block: list[Level], levels: dict[Module, Level], repeats: Repeats) -> list[list[Draft]]:
        """The levels of a block as drafts, those of one class together."""
        groups = self._drafted(block, levels, repeats, False)
        if len(groups) > 1 and len({drafts[0].template.base for drafts in groups}) > 1:
            others = merged(self._drafted(block, levels, repeats, True))
            if len(others) < len(groups):
                return others
        return merged(groups)

    def _add_recursive(self, block: list[Level], levels: dict[Module, Level], repeats: Repeats) -> None:
        """A block that holds itself as one class that constructs itself, if all its instances can share one.

        What the inner ones are given follows from the arguments of the class, and these from what is needed for that:
        both are found in turns until nothing changes.
        """
        mine = {level.module for level in block}
        if any(
            m not in mine and m not in self.instances for level in block for m in _held(level.module, levels)
        ):
            return
        number = len(self.classes)
        made = dict.fromkeys(mine, Instance(number, (), ()))
        for _ in range(TURNS):
            self.instances.update(made)
            groups = self._shared(block, levels, repeats)
            if len(groups) > 1:
                break
            found = self._class(groups[0], number)
            if any(not a.text and a.arriving is None for a in found.shown):
                break  # an argument that the text does not have: no rule to hand it on by
            made = instances(found)
            if all(self.instances[module] == instance for module, instance in made.items()):
                self._add(found)
                return
        for module in mine:
            del self.instances[module]

    def _drafted(
        self, block: list[Level], levels: dict[Module, Level], repeats: Repeats, plain: bool
    ) -> list[list[Draft]]:
        """The levels of a block as drafts, those of one template together."""
        groups: dict[Template, list[Draft]] = {}
        for level in block:
            drafter = Drafter(level, levels, self.instances, self._forms, repeats, self._constructed, plain)
            draft = drafter.draft()
            groups.setdefault(draft.template, []).append(draft)
        return list(groups.values())

    def _class(self, drafts: list[Draft], number: int) -> LevelClass:
        expander = Expander(drafts)
        rows = expander.rows()
        steps, outputs = expander.steps()
        if expander.template.base == "ModuleList":
            steps, outputs = turned(*rounded(steps, outputs))
        arguments = _arguments(drafts)
        tensors = [expander.tensors((-1, i)) for i in range(len(arguments))]
        names = Namespace(RESERVED, INDICES, LOOPED, self._taken)
        known = Known(drafts, names, self._texts, self._varying)
        arriving: list[tuple[str, Vector]] = []
        for i, (name, arrived) in enumerate(zip(arguments, tensors, strict=True)):
            plain = i == 0 and (len(arguments) == 1 or name in ("", "x"))
            wish = "in_channels" if plain else f"{name or flow_name(i)}_channels"
            vector = tuple(calls[0].shape.channels for calls in arrived)
            arriving.append((names.claim(wish, f"input_{wish}"), vector))
        at = expander.sample
        read = {t[at][0]: name for t, (name, _) in zip(tensors, arriving, strict=True)}
        hints = known.hints(at, read, arriving, drafts[at].level.module, self._nodes)
        solver = Solver(
            known.numbers,
            arriving,
            names,
            _sums(drafts, expander),
            known.flags,
            hints,
            known.usual,
            changes(rows, steps, tensors),
        )
        solver.origins = known.origins
        solver.varying = {name for name, origin in known.origins.items() if origin in self._varying}
        demands = [demand for row in rows for cell in cells(row) for demand in _demands(cell)]
        for step in steps:
            if step.when is not None:
                demands += _demands(step.when)
            if step.expression is not None:
                demands += [demand for cell in cells(step.expression) for demand in _demands(cell)]
        solver.solve(demands)
        parameters = solver.parameters()
        children = dict.fromkeys(inner for row in rows for inner in _inner(row) if inner != number)
        types = types_of({function for row in rows for function in _constructors(row)})
        types = types.union(*(self.classes[inner].types for inner in children))
        channels = {name: i for i, (name, _) in enumerate(arriving)}
        shown = tuple(
            Argument(p.name, p.default, known.texts.get(p.name, ""), channels.get(p.name)) for p in parameters
        )
        return LevelClass(
            number,
            drafts,
            rows,
            steps,
            outputs,
            solver,
            parameters,
            arguments,
            tensors,
            shown,
            "",
            list(children),
            types,
        )

    def _add(self, found: LevelClass) -> None:
        self.classes.append(found)
        self.instances.update(instances(found))

    def texts_of(self, name: str) -> str:
        """The parameter of the network's text that an argument of its class is."""
        (argument,) = (a for a in self.instances[self.root.module].parameters if a.name == name)
        return argument.text

    def in_order(self) -> list[LevelClass]:
        """The classes as they stand in the file: each behind those that it uses, in the order of the text."""
        found: dict[int, None] = {}
        stack = [(self.root.number, False)]
        while stack:
            number, done = stack.pop()
            if number in found:
                continue
            if done:
                found[number] = None
                continue
            stack.append((number, True))
            stack += [(inner, False) for inner in reversed(self.classes[number].inner)]
        return [self.classes[number] for number in found]


def instances(found: LevelClass) -> dict[Module, Instance]:
    """The levels that are instances of a class, with their arguments."""
    return {
        draft.level.module: Instance(found.number, found.shown, tuple(p.vector[i] for p in found.parameters))
        for i, draft in enumerate(found.drafts)
    }


def _held(module: Module, levels: Mapping[Module, Level]) -> Iterator[Module]:
    """The levels right inside a module that are no chains in line."""
    stack = list(module.children)
    while stack:
        child = stack.pop()
        if child in levels and not is_inline(levels[child]):
            yield child
        else:
            stack += child.children


def is_inline(level: Level) -> bool:
    """Whether a level is an `nn.Sequential` in its parent, not a class."""
    module = level.module
    return level.chain and module.kind is not ModuleKind.BLOCK and not module.checkpointed


def identity(module: Module) -> object:
    """Levels of different identity never share a class."""
    if module.definition is not None:
        return module.definition
    return module.kind, group_name(module)


def group_name(module: Module) -> str:
    """What instances of a group are called: its label, without the numbers at the end of a word."""
    if module.kind is ModuleKind.REPEAT:
        return f"{class_name(module.stem)}Stack"
    if module.stem.isdigit() and module.parent is not None:
        return f"{class_name(module.parent.stem)}Part"
    stem = module.stem.rstrip("0123456789_")
    return class_name(stem if len(stem) > 2 else module.stem)


def _in_order(root: Module) -> Iterator[Module]:
    stack = [root]
    while stack:
        module = stack.pop()
        yield module
        stack.extend(reversed(module.children))


def _arguments(drafts: list[Draft]) -> list[str]:
    """Wishes for the names of what arrives; "" without one. Equal ones count as the text makes them."""
    given = argument_names(drafts[0].level)
    network = drafts[0].level.module.kind is ModuleKind.NETWORK
    found: list[str] = []
    for i, tensors in enumerate(drafts[0].level.arguments):
        name = given.get(i, (0, ""))[1]
        names = common_names(tensor for draft in drafts for tensor in draft.level.arguments[i])
        if network:
            name = tensors[0].node.input
        elif names and len(drafts[0].level.arguments) > 1 and (not name or name.startswith("*")):
            name = names[-1]
        found.append(name.lstrip("*"))
    made = [tensors[0] for tensors in drafts[0].level.arguments]
    counts: Counter[str] = Counter()
    for i in sorted(range(len(found)), key=lambda i: (made[i].node.id, made[i].index)):
        name = found[i]
        counts[name] += 1
        found[i] = numbered(name, counts[name]) if name else ""
    return found


def common_names(tensors: Iterable[Tensor]) -> list[str]:
    """Names that the text gives to all of the tensors."""
    first, *others = tensors
    return [name for name in first.names if all(name in other.names for other in others)]


def _sums(drafts: list[Draft], expander: Expander) -> dict[Vector, tuple[Vector, ...]]:
    """For what `concat` gives: its channels as the sum of the channels that it joins."""
    found: dict[Vector, tuple[Vector, ...]] = {}
    for g, step in enumerate(drafts[0].template.steps):
        if not isinstance(step.expression, Applied) or step.expression.function not in _JOINING or step.run:
            continue
        total = _channels(expander.tensors((g, 0)))
        parts = tuple(_channels(expander.tensors(ref)) for ref in step.inputs)
        if None in total or any(None in part for part in parts):
            continue
        if total == tuple(map(sum, zip(*parts, strict=True))):
            found.setdefault(total, parts)
    return found


def _channels(tensors: Tensors) -> Vector:
    return tuple(calls[0].shape.channels if calls else None for calls in tensors)


def _demands(cell: Cell) -> Iterator[tuple[Vector, Slot]]:
    yield cell.vector, cell.slot
    for vector, _, slot in cell.growth:
        yield vector, slot


def _inner(row: Row) -> Iterator[int]:
    for made in singles(row.made):
        if isinstance(made, MadeLevel):
            yield made.number


def _constructors(row: Row) -> Iterator[str]:
    for made in singles(row.made):
        if isinstance(made, MadeLayer):
            yield made.call.function
