"""The constructor of a class."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from archdsl.emit.alike import shared_inits, without
from archdsl.emit.classes import LevelClass
from archdsl.emit.code import (
    WIDTH,
    Apply,
    Bracket,
    Code,
    Comprehension,
    Keyword,
    Noted,
    Pair,
    Py,
    Star,
    Ternary,
    constant,
    flat,
    layout,
)
from archdsl.emit.formulas import Const, Formula, printed
from archdsl.emit.initial import FEW
from archdsl.emit.initialise import Initialiser, Initialising, Lines, counted, has_inits, init_loop, settled
from archdsl.emit.names import DICT_ATTRIBUTES, is_plain
from archdsl.emit.parameters import Parameter
from archdsl.emit.rows import Row, RowChain, RowChoice, RowGroup, RowMade
from archdsl.emit.series import Series, SeriesFinder
from archdsl.emit.shapes import ShapeNotes
from archdsl.emit.template import (
    Applied,
    Cell,
    Expression,
    Fixed,
    MadeLayer,
    MadeLevel,
    MadeParameter,
    Pattern,
)
from archdsl.emit.torch_api import SIGNATURES, Required, SameAs
from archdsl.emit.turns import repetition
from archdsl.emit.wording import Wording, index
from archdsl.graph.model import ModuleKind


def keyed(found: LevelClass) -> int:
    """How many children, from the first on, are members of an nn.ModuleDict: their names are no names of Python."""
    if found.template.base != "Module" or found.module.kind is ModuleKind.NETWORK:
        return 0
    odd = [isinstance(row.name, str) and not is_plain(row.name) for row in found.rows]
    count = odd.index(False) if False in odd else len(odd)
    parameters = any(isinstance(row.made, MadeParameter) or row.when for row in found.rows[:count])
    taken = any(row.name in DICT_ATTRIBUTES for row in found.rows)
    return 0 if parameters or taken or any(odd[count:]) else count


class Constructor:
    """Prints `__init__` of one class; after its forward, which says what is stored."""

    def __init__(
        self, found: LevelClass, classes: Mapping[int, LevelClass], wording: Wording, notes: ShapeNotes
    ) -> None:
        self.found = found
        self._classes = classes
        self._wording = wording
        self._notes = notes
        self._inits = Initialiser(wording)
        self._series = SeriesFinder(found.rows, wording)

    def lines(self, more: Sequence[str] = ()) -> list[str]:
        """The method, with `more` statements at its end; empty if there is nothing to construct."""
        found = self.found
        parameters = [Code("self"), *(Code(declared(p)) for p in found.parameters)]
        lines = layout(Apply("def __init__", tuple(parameters)), 4, after=" -> None:")
        stored = [
            f"        self.{self._wording.attribute(p.name)} = {p.name}" for p in found.parameters if p.stored
        ]
        for name, formula in self._wording.conditions.items():
            stored += layout(printed(formula), 8, f"self.{name} = ")
        if not found.rows and not stored and not more:
            return []
        taken = {p.name for p in found.parameters} | {name for name, _ in found.solver.locals}
        begin, body = self._body(found.rows, taken)
        shared = shared_inits(found, self._classes, self._wording)
        if shared:
            _, rest = self._body(without(found.rows, shared, self._wording), taken)
            looped = [*rest, *init_loop(shared, taken)]
            body = looped if len(looped) < len(body) else body
        named = [
            line
            for name, formula in found.solver.locals
            for line in layout(printed(formula), 8, f"{name} = ")
        ]
        if found.template.numbered or keyed(found):
            return [*lines, *named, *begin, *stored, *body, *more]
        return [*lines, *begin, *stored, *named, *body, *more]

    def _body(self, rows: Sequence[Row], taken: Collection[str]) -> tuple[list[str], list[str]]:
        """The call of super, and what follows it."""
        begin = ["        super().__init__()"]
        count = keyed(self.found)
        if self.found.template.numbered:
            begin, body = self._numbered(rows)
        elif count:
            begin, body = self._keyed(rows[:count])
            body += self._assigned(rows[count:])
        else:
            body = self._assigned(rows)
        return begin, settled(body, taken)

    def _keyed(self, rows: Sequence[Row]) -> tuple[list[str], Lines]:
        """Of an nn.ModuleDict: the call of super, and what follows it."""
        pairs = (Pair(constant(row.name), self._made(row.made)) for row in rows)
        call = Apply("super().__init__", (Bracket(tuple(pairs), "{}"),))
        return layout(call, 8), [line for row in rows for line in self._inits.child(str(row.name), row.made)]

    def _assigned(self, rows: Sequence[Row]) -> Lines:
        lines: Lines = []
        before = condition = ""
        shared: str | Initialising = (
            ""  # the `if` behind which neighbours are set that are nn.Identity before it
        )
        at = 0  # where it stands
        for row in rows:
            note, before = self._note(row, before)
            if row.count is not None:
                lines += self._loop(row, note)
                condition = shared = ""
                continue
            assert isinstance(row.name, str)
            if row.when is None:
                child = self._child(row.name, row.made, note)
                optional = isinstance(row.made, RowChoice) and row.made.other is None and len(child) > 2
                if optional and child[1] == shared:
                    lines = [*lines[:at], child[0], *lines[at:], *child[2:]]
                    at += 1
                else:
                    at, shared = len(lines) + 1, child[1] if optional else ""
                    lines += child
            else:
                test = flat(self._wording.test(row.when))
                lines += [f"        if {test}:"] * (test != condition)
                lines += self._statement(row.name, row.made, note, 12)
                lines += self._inits.child(row.name, row.made, 12)
                shared = ""
            condition = "" if row.when is None else test
        return lines

    def _child(self, name: str, made: RowMade, note: str) -> Lines:
        """A child that all instances have; one that differs is an expression on one line, or set behind an `if`."""
        if not isinstance(made, RowChoice):
            return [*self._statement(name, made, note), *self._inits.child(name, made)]
        test = self._wording.test(made.when)
        opposite = self._wording.opposite(made.when)
        if made.other is not None and opposite is not None:
            made, test = replace(made, then=made.other, other=made.then), opposite
        then = self._made(made.then)
        other = Apply("nn.Identity", ()) if made.other is None else self._made(made.other)
        line = f"        self.{name} = {flat(Ternary(then, test, other))}"
        if len(line) <= WIDTH and is_plain(name) and not has_inits(made):
            return [f"{line}  # {note}" if note and len(line) + len(note) + 4 <= WIDTH else line]
        lines: Lines = []
        if made.other is None:
            lines += self._statement(name, Apply("nn.Identity", ()), note, 8, ": nn.Module")
            lines += [f"        if {flat(test)}:"]
        else:
            lines += [f"        self.{name}: nn.Module"] * is_plain(name)
            lines += [f"        if {flat(test)}:"]
        lines += [*self._statement(name, made.then, note, 12), *self._inits.child(name, made.then, 12)]
        if made.other is not None:
            lines += ["        else:", *self._statement(name, made.other, note, 12)]
            lines += self._inits.child(name, made.other, 12)
        return lines

    def _statement(
        self, name: str, made: RowMade | Apply, note: str, indent: int = 8, annotation: str = ""
    ) -> list[str]:
        py = made if isinstance(made, Apply) else self._made(made)
        if is_plain(name):
            return layout(py, indent, f"self.{name}{annotation} = ", "", note)
        method = "register_parameter" if isinstance(made, MadeParameter) else "add_module"
        return layout(Apply(f"self.{method}", (constant(name), py)), indent, "", "", note)

    def _loop(self, row: Row, note: str) -> Lines:
        """A loop over children with names that count."""
        assert row.count is not None
        self._wording.indexed.clear()
        lines: Lines = [f"        for {index(0)} in range({flat(self._wording.number(row.count))}):"]
        parts = row.made.rows if isinstance(row.made, RowGroup) else (row,)
        for part in parts:
            assert isinstance(part.name, Pattern)
            py = Apply("self.add_module", (Code(counted(part.name, index(0))), self._made(part.made, 1)))
            lines += layout(py, 12, "", "", note if part is parts[-1] else "")
            lines += self._inits.counted(part)
        return lines

    def _numbered(self, rows: Sequence[Row]) -> tuple[list[str], Lines]:
        """Of an nn.ModuleList or an nn.Sequential: the call of super, and what follows it."""
        if self.found.template.base == "Sequential":
            arguments = tuple(self._parts(rows, 0, named=False))
        elif len(rows) == 1 and rows[0].count is not None:
            arguments = (self._comprehension(rows[0], 0),)
        else:
            arguments = (self._listed(rows),)
        return layout(Apply("super().__init__", arguments), 8), self._inits.listed(rows)

    def _listed(self, rows: Sequence[Row]) -> Py:
        """The members of an nn.ModuleList, neighbours that are alike together."""
        parts: list[Py] = []
        members = [self._made(row.made) for row in rows]
        texts = list(map(flat, members))
        widths = {step.turn.first: step.turn.width for step in self.found.steps if step.turn is not None}
        at = 0
        while at < len(rows):
            series = self._series.first(rows[at:])
            if series is not None:
                parts.append(Star(self._turns(rows[at].made, series, 0)))
                at += series.count
                continue
            period, count = repetition(texts, at, widths.get(at, 0))
            if count < FEW:
                parts.append(members[at])
                at += 1
                continue
            times = Apply("range", (constant(count),))
            if period == 1:
                parts.append(Star(Comprehension(members[at], (("_", times),))))
            else:
                round_ = Bracket(tuple(members[at : at + period]), "()")
                parts.append(Star(Comprehension(Code("layer"), (("_", times), ("layer", round_)))))
            at += period * count
        return parts[0].value if len(parts) == 1 and isinstance(parts[0], Star) else Bracket(tuple(parts))

    # --- what is constructed -------------------------------------------------------------------------------------

    def _made(self, made: object, depth: int = 0) -> Py:
        if isinstance(made, MadeLayer):
            return self._layer(made.call)
        if isinstance(made, MadeParameter):
            return Apply("nn.Parameter", (self._wording.expression(made.create),))
        if isinstance(made, MadeLevel):
            return self._level(made)
        if isinstance(made, RowChoice):
            other = Apply("nn.Identity", ()) if made.other is None else self._made(made.other, depth)
            return Ternary(self._made(made.then, depth), self._wording.test(made.when), other)
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
            args += _passed(parameter, self._wording.formula(cell), args)
        return Apply(inner.again if made.checkpointed else inner.name, tuple(args))

    def _chain(self, chain: RowChain, depth: int) -> Py:
        rows = chain.rows
        if chain.numbered:
            return Apply("nn.Sequential", tuple(self._parts(rows, depth, named=False)))
        if len(rows) == 1 and rows[0].count is not None:
            named: tuple[Py, ...] = (self._comprehension(rows[0], depth, named=True),)
        elif all(isinstance(row.name, str) and is_plain(row.name) for row in rows):
            named = tuple(self._keywords(rows, depth))
        else:
            named = (Bracket(tuple(self._parts(rows, depth, named=True))),)
        return Apply("nn.Sequential", (Apply("OrderedDict", named),))

    def _keywords(self, rows: Sequence[Row], depth: int) -> Iterator[Py]:
        """The members of a chain by their names."""
        before = ""
        for row in rows:
            assert isinstance(row.name, str)
            note, before = self._note(row, before)
            member = Keyword(row.name, self._made(row.made, depth))
            yield Noted(member, note) if note else member

    def _note(self, row: Row, before: str) -> tuple[str, str]:
        """The comment of a row, empty where the shape is that of the row before it, and the shape."""
        shape = self._notes.of(row.gives)
        return ("" if shape == before else shape), shape

    def _parts(self, rows: Sequence[Row], depth: int, named: bool) -> Iterator[Py]:
        before = ""
        at = 0
        while at < len(rows):
            series = None if named else self._series.first(rows[at:])
            count = 1 if series is None else series.count
            note, before = self._note(rows[at + count - 1], before)
            if series is None:
                yield self._part(rows[at], depth, named, note)
            else:
                part = Star(self._turns(rows[at].made, series, depth))
                yield Noted(part, note) if note else part
            at += count

    def _turns(self, made: object, series: Series, depth: int) -> Py:
        """`Unit(16, (i + 1) / 108) for i in range(18)`"""
        assert isinstance(made, MadeLevel)
        inner = self._classes[made.number]
        args: list[Py] = []
        for parameter, rule in zip(inner.parameters, series.rules, strict=True):
            if callable(rule):
                value = rule(Code(index(depth)))
                spelt = parameter.default is not None or any(isinstance(arg, Keyword) for arg in args)
                args.append(Keyword(parameter.name, value) if spelt else value)
            else:
                args += _passed(parameter, rule, args)
        times = Apply("range", (constant(series.count),))
        name = inner.again if made.checkpointed else inner.name
        return Comprehension(Apply(name, tuple(args)), ((index(depth), times),))

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
        more: tuple[tuple[str, Py], ...] = ()
        if isinstance(row.made, RowGroup):
            round_ = Bracket(tuple(self._made(part.made, depth + 1) for part in row.made.rows), "()")
            element: Py = Code("layer")
            more = (("layer", round_),)
        else:
            element = self._made(row.made, depth + 1)
        variable = index(depth) if depth in self._wording.indexed or named else "_"
        if named:
            assert isinstance(row.name, Pattern)
            element = Bracket((Code(counted(row.name, index(depth))), element), "()")
        times = Apply("range", (self._wording.number(row.count),))
        return Comprehension(element, ((variable, times), *more))


def _passed(parameter: Parameter, formula: Formula, before: Sequence[Py]) -> list[Py]:
    """The argument for a parameter behind others; none where it is the default."""
    spelt = any(isinstance(arg, Keyword) for arg in before)
    if parameter.default is None and not spelt and not _is_flag(formula):
        return [printed(formula)]
    if parameter.default is not None and _equal(formula, Const(parameter.default)):
        return []
    return [Keyword(parameter.name, printed(formula))]


def _is_flag(formula: Formula) -> bool:
    """Whether a formula is `True` or `False`, which says nothing by itself."""
    return isinstance(formula, Const) and isinstance(formula.value, bool)


def _equal(a: Formula | None, b: Formula) -> bool:
    if isinstance(a, Const) and isinstance(b, Const):
        return type(a.value) is type(b.value) and a.value == b.value
    return a == b


def declared(parameter: Parameter) -> str:
    default = "" if parameter.default is None else f" = {flat(constant(parameter.default))}"
    return f"{parameter.name}: {parameter.annotation}{default}"
