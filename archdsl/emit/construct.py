"""The constructor of a class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archdsl.emit.arguments import Parameter
from archdsl.emit.classes import LevelClass
from archdsl.emit.code import (
    Apply,
    Bracket,
    Code,
    Comprehension,
    Keyword,
    Noted,
    Py,
    Star,
    constant,
    double_quoted,
    flat,
    layout,
)
from archdsl.emit.expand import Row, RowChain
from archdsl.emit.formulas import Const, Formula, printed
from archdsl.emit.names import is_plain
from archdsl.emit.shapes import ShapeNotes
from archdsl.emit.template import (
    Applied,
    Cell,
    Expression,
    Fixed,
    Initialised,
    MadeLayer,
    MadeLevel,
    MadeParameter,
    Pattern,
)
from archdsl.emit.torch_api import SIGNATURES, Required, SameAs
from archdsl.emit.wording import Wording, index
from archdsl.layers.form import InitCall, Lit

#: Weights that PyTorch declares as perhaps None.
_OPTIONAL = ("nn.Conv", "PaddedConv", "SameConv")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a weight is: the module that is asked for it, and the path from there (text with `{…}` if `counted`)."""

    module: str
    path: str
    counted: bool = False

    def below(self, name: str, counted: bool = False) -> Place:
        return Place(self.module, f"{self.path}.{name}" if self.path else name, self.counted or counted)


class Constructor:
    """Prints `__init__` of one class; after its forward, which says what is stored."""

    def __init__(self, found: LevelClass, classes: Mapping[int, LevelClass], wording: Wording) -> None:
        self.found = found
        self._classes = classes
        self._wording = wording
        self._notes = ShapeNotes(found.solver)

    def lines(self, more: Sequence[str] = ()) -> list[str]:
        """The method, with `more` statements at its end; empty if there is nothing to construct."""
        found = self.found
        parameters = [Code("self"), *(Code(_declared(p)) for p in found.parameters)]
        lines = layout(Apply("def __init__", tuple(parameters)), 4, after=" -> None:")
        stored = [
            f"        self.{self._wording.attribute(p.name)} = {p.name}" for p in found.parameters if p.stored
        ]
        begin = ["        super().__init__()"]
        if found.template.base == "ModuleList":
            begin, body = self._listed()
        else:
            body = self._assigned()
        if not found.rows and not stored and not more:
            return []
        return [*lines, *begin, *stored, *body, *more]

    def _assigned(self) -> list[str]:
        lines: list[str] = []
        before = ""
        for row in self.found.rows:
            note, before = self._note(row, before)
            if row.count is None:
                assert isinstance(row.name, str)
                lines += self._statement(row.name, row.made, note)
                lines += self._inits(row.made, _own(row.name), 8)
            else:
                lines += self._loop(row, note)
        return lines

    def _statement(self, name: str, made: object, note: str) -> list[str]:
        py = self._made(made)
        if is_plain(name):
            return layout(py, 8, f"self.{name} = ", "", note)
        method = "register_parameter" if isinstance(made, MadeParameter) else "add_module"
        return layout(Apply(f"self.{method}", (constant(name), py)), 8, "", "", note)

    def _loop(self, row: Row, note: str) -> list[str]:
        assert row.count is not None and isinstance(row.name, Pattern)
        self._wording.indexed.clear()
        py = Apply("self.add_module", (Code(counted(row.name, "i")), self._made(row.made, 1)))
        count = flat(self._wording.number(row.count))
        place = Place("self", _counted_text(row.name, "i"), True)
        return [
            f"        for i in range({count}):",
            *layout(py, 12, "", "", note),
            *self._inits(row.made, place, 12),
        ]

    def _listed(self) -> tuple[list[str], list[str]]:
        """Of an nn.ModuleList: the call of super, and what follows it."""
        rows = self.found.rows
        if len(rows) == 1 and rows[0].count is not None:
            inside: Py = self._comprehension(rows[0], 0)
        else:
            inside = Bracket(tuple(self._made(row.made) for row in rows))
        lines: list[str] = []
        for i, row in enumerate(rows):
            if row.count is None:
                lines += self._inits(row.made, Place("self", str(i)), 8)
            else:
                lines += self._init_loop(row, Place("self", "{i}", True), 8)
        return layout(Apply("super().__init__", (inside,)), 8), lines

    # --- what is constructed -------------------------------------------------------------------------------------

    def _made(self, made: object, depth: int = 0) -> Py:
        if isinstance(made, MadeLayer):
            return self._layer(made.call)
        if isinstance(made, MadeParameter):
            return Apply("nn.Parameter", (self._wording.expression(made.create),))
        if isinstance(made, MadeLevel):
            return self._level(made)
        assert isinstance(made, RowChain)
        return self._chain(made, depth)

    def _layer(self, call: Applied) -> Py:
        signature = SIGNATURES.get(call.function, {})
        given = dict(zip(signature, call.args, strict=False)) | dict(call.kwargs)
        args: list[Py] = [self._wording.expression(arg) for arg in call.args]
        for name, value in call.kwargs:
            default = signature.get(name, Required())
            if isinstance(default, SameAs):
                usual = self._value(given[default.name])
            else:
                usual = None if isinstance(default, Required) else Const(default)  # type: ignore[arg-type]
            if usual is None or not _equal(self._value(value), usual):
                args.append(Keyword(name, self._wording.expression(value)))
        return Apply(call.function, tuple(args))

    def _value(self, expression: Expression) -> Formula | None:
        if isinstance(expression, Cell):
            return self._wording.formula(expression)
        return Const(expression.value) if isinstance(expression, Fixed) else None  # type: ignore[arg-type]

    def _level(self, made: MadeLevel) -> Py:
        inner = self._classes[made.number]
        args: list[Py] = []
        for parameter, cell in zip(inner.parameters, made.args, strict=True):
            assert isinstance(cell, Cell)
            formula = self._wording.formula(cell)
            if parameter.default is None:
                args.append(printed(formula))
            elif not _equal(formula, Const(parameter.default)):
                args.append(Keyword(parameter.name, printed(formula)))
        return Apply(inner.name, tuple(args))

    def _chain(self, chain: RowChain, depth: int) -> Py:
        rows = chain.rows
        if chain.numbered:
            return Apply("nn.Sequential", tuple(self._parts(rows, depth, named=False)))
        if len(rows) == 1 and rows[0].count is not None:
            pairs: Py = self._comprehension(rows[0], depth, named=True)
        else:
            pairs = Bracket(tuple(self._parts(rows, depth, named=True)))
        return Apply("nn.Sequential", (Apply("OrderedDict", (pairs,)),))

    def _note(self, row: Row, before: str) -> tuple[str, str]:
        """The comment of a row, empty where the shape is that of the row before it, and the shape."""
        shape = self._notes.of(row.gives)
        return ("" if shape == before else shape), shape

    def _parts(self, rows: Sequence[Row], depth: int, named: bool) -> Iterator[Py]:
        before = ""
        for row in rows:
            note, before = self._note(row, before)
            yield self._part(row, depth, named, note)

    def _part(self, row: Row, depth: int, named: bool, note: str) -> Py:
        if row.count is not None:
            part: Py = Star(self._comprehension(row, depth, named))
        elif named:
            assert isinstance(row.name, str)
            part = Bracket((constant(row.name), self._made(row.made, depth)), "()")
        else:
            part = self._made(row.made, depth)
        return Noted(part, note) if note else part

    def _comprehension(self, row: Row, depth: int, named: bool = False) -> Py:
        assert row.count is not None
        self._wording.indexed.discard(depth)
        element = self._made(row.made, depth + 1)
        variable = index(depth) if depth in self._wording.indexed or named else "_"
        if named:
            assert isinstance(row.name, Pattern)
            element = Bracket((Code(counted(row.name, index(depth))), element), "()")
        return Comprehension(element, (f"{variable} in range({flat(self._wording.number(row.count))})",))

    # --- initialisation ------------------------------------------------------------------------------------------

    def _inits(self, made: object, place: Place, indent: int) -> list[str]:
        if isinstance(made, (MadeLayer, MadeParameter)):
            function = made.call.function if isinstance(made, MadeLayer) else ""
            return [line for init in made.init for line in self._init(init, function, place, indent)]
        lines: list[str] = []
        if isinstance(made, RowChain):
            offset: list[Formula] = []
            for row in made.rows:
                lines += self._chain_inits(row, made.numbered, offset, place, indent)
                offset.append(Const(1) if row.count is None else self._wording.formula(row.count))
        return lines

    def _chain_inits(
        self, row: Row, numbered: bool, offset: list[Formula], place: Place, indent: int
    ) -> list[str]:
        if not _has_inits(row.made):
            return []
        fixed = sum(f.value for f in offset if isinstance(f, Const) and isinstance(f.value, int))
        others = [flat(printed(f)) for f in offset if not isinstance(f, Const)]
        if row.count is None:
            name = row.name if not numbered else str(fixed)
            if numbered and others:
                name = "{" + " + ".join([*others, *([str(fixed)] if fixed else [])]) + "}"
            assert isinstance(name, str)
            return self._inits(row.made, place.below(name, numbered and bool(others)), indent)
        variable = index(indent // 4 - 2)
        if numbered:
            name = "{" + " + ".join([variable, *others, *([str(fixed)] if fixed else [])]) + "}"
        else:
            assert isinstance(row.name, Pattern)
            name = _counted_text(row.name, variable)
        return self._init_loop(row, place.below(name, True), indent)

    def _init_loop(self, row: Row, place: Place, indent: int) -> list[str]:
        assert row.count is not None
        inner = self._inits(row.made, place, indent + 4)
        if not inner:
            return []
        count = flat(self._wording.number(row.count))
        return [f"{' ' * indent}for {index(indent // 4 - 2)} in range({count}):", *inner]

    def _init(self, init: Initialised, function: str, place: Place, indent: int) -> list[str]:
        if not init.weight and not place.path:
            target = place.module
        elif place.path or (init.weight == "bias" and function.startswith(_OPTIONAL)):
            path = double_quoted(place.below(init.weight).path)
            target = f"{place.module}.get_parameter({'f' * place.counted}{path})"
        else:
            target = f"{place.module}.{init.weight}"
        kwargs = (Keyword(name, self._wording.expression(value)) for name, value in init.kwargs)
        return layout(Apply(f"nn.init.{init.function}", (Code(target), *kwargs)), indent)


def init_loop(common: Mapping[str, Sequence[InitCall]]) -> list[str]:
    """The statements at the end of the network's constructor that initialise all modules of some types."""
    lines = ["        for module in self.modules():"] if common else []
    for i, (function, inits) in enumerate(common.items()):
        lines.append(f"            {'elif' if i else 'if'} isinstance(module, {function}):")
        for init in inits:
            target = f"module.{init.weight}"
            if init.weight == "bias" and function.startswith(_OPTIONAL):
                target = 'module.get_parameter("bias")'
            kwargs = [
                Keyword(name, constant(value.value)) for name, value in init.kwargs if isinstance(value, Lit)
            ]
            lines += layout(Apply(f"nn.init.{init.function}", (Code(target), *kwargs)), 16)
    return lines


def _has_inits(made: object) -> bool:
    if isinstance(made, (MadeLayer, MadeParameter)):
        return bool(made.init)
    return isinstance(made, RowChain) and any(_has_inits(row.made) for row in made.rows)


def _own(name: str) -> Place:
    return Place(f"self.{name}", "") if is_plain(name) else Place("self", name)


def _equal(a: Formula | None, b: Formula) -> bool:
    if isinstance(a, Const) and isinstance(b, Const):
        return type(a.value) is type(b.value) and a.value == b.value
    return a == b


def _declared(parameter: Parameter) -> str:
    default = "" if parameter.default is None else f" = {flat(constant(parameter.default))}"
    return f"{parameter.name}: {parameter.annotation}{default}"


def counted(pattern: Pattern, variable: str) -> str:
    """The names of a run as a string that counts: `f"layer{i + 1}"`."""
    if not pattern.prefix and not pattern.suffix:
        return f"str({variable} + {pattern.start})" if pattern.start else f"str({variable})"
    return f'f"{_counted_text(pattern, variable)}"'


def _counted_text(pattern: Pattern, variable: str) -> str:
    number = f"{variable} + {pattern.start}" if pattern.start else variable
    return f"{pattern.prefix}{{{number}}}{pattern.suffix}"
