"""The statements that initialise weights, behind what constructs them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from archdsl.emit.code import WIDTH, Apply, Bracket, Code, Keyword, Py, constant, double_quoted, flat, layout
from archdsl.emit.formulas import Const, Formula, Op, Param, printed, sum_of
from archdsl.emit.initial import FEW
from archdsl.emit.names import WEIGHT, is_plain
from archdsl.emit.rows import Row, RowChain, RowChoice, RowGroup
from archdsl.emit.template import Initialised, MadeLayer, MadeParameter, Pattern
from archdsl.emit.wording import Wording, index
from archdsl.layers.form import InitCall, Lit
from archdsl.records import record

#: Modules whose bias PyTorch declares as perhaps None.
_OPTIONAL = ("nn.Conv", "PaddedConv", "SameConv", "CroppedConv")


@record
class Place:
    """Where a weight is: the module that is asked for it, and the path from there (with `{…}` if `counted`)."""

    module: str
    path: str
    counted: bool = False

    def below(self, name: str) -> Place:
        return Place(self.module, f"{self.path}.{name}" if self.path else name, self.counted or "{" in name)


@record
class Initialising:
    """`nn.init.function(target, …)`, a statement that stands outside of loops; the target is a `weight` or `bias`.

    For a type checker it is perhaps None where that is so (`optional`); `sure` is then another way to ask for it.
    """

    weight: str
    target: str
    function: str
    arguments: tuple[Py, ...]
    optional: bool = False
    sure: str = ""

    def lines(self, target: str, indent: int, optional: bool = False) -> list[str]:
        blank, inside = " " * indent, indent + 4 * optional
        made = layout(Apply(f"nn.init.{self.function}", (Code(target), *self.arguments)), inside)
        return [f"{blank}if {target} is not None:", *made] if optional else made


def is_optional(weight: str, function: str) -> bool:
    """Whether PyTorch declares a weight of the modules that a function makes as perhaps None."""
    return weight == "bias" and function.startswith(_OPTIONAL)


Lines = list[str | Initialising]


def settled(lines: Lines, parameters: Collection[str]) -> list[str]:
    """The body of a constructor. Weights that are initialised alike wait for its end, where a loop takes them."""
    variable = _variable(WEIGHT, parameters)
    alike: dict[tuple[str, ...], list[Initialising]] = {}
    for line in lines:
        if isinstance(line, Initialising):
            alike.setdefault((line.weight, line.function, *map(flat, line.arguments)), []).append(line)
    groups = [group for group in alike.values() if len(group) >= FEW]
    waiting = {id(line) for group in groups for line in group}
    settled: list[str] = []
    for line in lines:
        if isinstance(line, str):
            settled.append(line)
        elif id(line) not in waiting:
            settled += line.lines(line.target, 8, line.optional)
    for group in groups:
        targets = Bracket(tuple(Code(line.sure or line.target) for line in group), "()")
        settled += layout(targets, 8, f"for {variable} in ", ":")
        settled += group[0].lines(variable, 12)
    return settled


def _variable(wish: str, parameters: Collection[str]) -> str:
    """The variable of a loop in a constructor."""
    while wish in parameters:
        wish += "_"
    return wish


class Initialiser:
    """Prints them for one class."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def child(self, name: str, made: object, indent: int = 8) -> Lines:
        """Of a child that is an attribute."""
        place = Place(f"self.{name}", "") if is_plain(name) else Place("self", name)
        return self._made(made, place, indent)

    def counted(self, row: Row) -> Lines:
        """Of a child that is made in a loop, inside the loop."""
        assert isinstance(row.name, Pattern)
        return self._made(row.made, Place("self", counted_text(row.name, index(0)), True), 12)

    def listed(self, rows: Sequence[Row]) -> Lines:
        """Of the members of a list or a chain that the class itself is."""
        return self._rows(rows, True, Place("self", ""), 8)

    def _made(self, made: object, place: Place, indent: int) -> Lines:
        if isinstance(made, (MadeLayer, MadeParameter)):
            function = made.call.function if isinstance(made, MadeLayer) else ""
            return [line for init in made.init for line in self._statement(init, function, place, indent)]
        if isinstance(made, RowChain):
            return self._rows(made.rows, made.numbered, place, indent)
        return []

    def _rows(self, rows: Sequence[Row], numbered: bool, place: Place, indent: int) -> Lines:
        """Of the members of a chain. `position` is the number of those before."""
        lines: Lines = []
        position: Formula = Const(0)
        for row in rows:
            size = len(row.made.rows) if isinstance(row.made, RowGroup) else 1
            length: Formula = Const(size)
            if row.count is not None:
                count = self._wording.formula(row.count)
                length = count if size == 1 else Op("*", (Const(size), count))
                if isinstance(count, Const) and isinstance(count.value, int):
                    length = Const(size * count.value)
            if has_inits(row.made):
                lines += self._row(row, position if numbered else None, size, place, indent)
            position = sum_of([position, length])
        return lines

    def _row(self, row: Row, position: Formula | None, size: int, place: Place, indent: int) -> Lines:
        if row.count is None:
            assert isinstance(row.name, str)
            return self._made(
                row.made, place.below(row.name if position is None else _number(position)), indent
            )
        variable = index(indent // 4 - 2)
        blank = " " * indent
        lines: Lines = [f"{blank}for {variable} in range({flat(self._wording.number(row.count))}):"]
        if position is None:
            assert isinstance(row.name, Pattern)
            return lines + self._made(row.made, place.below(counted_text(row.name, variable)), indent + 4)
        turn: Formula = Param(variable) if size == 1 else Op("*", (Const(size), Param(variable)))
        members = row.made.rows if isinstance(row.made, RowGroup) else (row,)
        for j, member in enumerate(members):
            name = _number(sum_of([turn, position, Const(j)]))
            lines += self._made(member.made, place.below(name), indent + 4)
        return lines

    def _statement(self, init: Initialised, function: str, place: Place, indent: int) -> Lines:
        if not init.weight and not place.path:
            target = place.module
        elif place.path:
            path = double_quoted(place.below(init.weight).path if init.weight else place.path)
            target = f"{place.module}.get_parameter({'f' * place.counted}{path})"
        else:
            target = f"{place.module}.{init.weight}"
        kwargs = tuple(Keyword(name, self._wording.expression(value)) for name, value in init.kwargs)
        optional = not place.path and is_optional(init.weight, function)
        sure = f'{place.module}.get_parameter("bias")' if optional else ""
        statement = Initialising(init.weight, target, init.function, kwargs, optional, sure)
        return [statement] if indent == 8 else [*statement.lines(target, indent, optional)]


def has_inits(made: object) -> bool:
    """Whether something that a class constructs has weights to initialise here."""
    if isinstance(made, (MadeLayer, MadeParameter)):
        return bool(made.init)
    if isinstance(made, RowChoice):
        return has_inits(made.then) or has_inits(made.other)
    return isinstance(made, (RowChain, RowGroup)) and any(has_inits(row.made) for row in made.rows)


def init_loop(common: Mapping[str, Sequence[Initialising]], parameters: Collection[str] = ()) -> list[str]:
    """The statements at the end of a constructor that initialise all modules of some types."""
    variable = _variable("module", parameters)
    alike: dict[tuple[Initialising, ...], list[str]] = {}
    for function, inits in common.items():
        alike.setdefault(tuple(inits), []).append(function)
    lines = [f"        for {variable} in self.modules():"] if common else []
    for i, (statements, functions) in enumerate(alike.items()):
        types = [Code(function) for function in functions]
        condition = (Code(variable), types[0] if len(types) == 1 else Bracket(tuple(types), "()"))
        word, asked = "elif " if i else "if ", Apply("isinstance", condition)
        optional = [any(is_optional(made.weight, function) for function in functions) for made in statements]
        both = f"            {word}{flat(asked)} and {variable}.{statements[0].weight} is not None:"
        if optional == [True] and len(both) <= WIDTH:
            lines += [both, *statements[0].lines(f"{variable}.{statements[0].weight}", 16)]
            continue
        lines += layout(asked, 12, word, ":")
        for made, perhaps in zip(statements, optional, strict=True):
            lines += made.lines(f"{variable}.{made.weight}", 16, perhaps)
    return lines


def initialising(init: InitCall) -> Initialising:
    """The statement of an initialiser whose numbers are the same everywhere."""
    kwargs = [Keyword(name, constant(value.value)) for name, value in init.kwargs if isinstance(value, Lit)]
    return Initialising(init.weight, "", init.function, tuple(kwargs))


def counted(pattern: Pattern, variable: str) -> str:
    """The names of a run as a string that counts: `f"layer{i + 1}"`."""
    if not pattern.prefix and not pattern.suffix:
        return f"str({variable} + {pattern.start})" if pattern.start else f"str({variable})"
    return f'f"{counted_text(pattern, variable)}"'


def counted_text(pattern: Pattern, variable: str) -> str:
    """The same without its quotes."""
    number = f"{variable} + {pattern.start}" if pattern.start else variable
    return f"{pattern.prefix}{{{number}}}{pattern.suffix}"


def _number(position: Formula) -> str:
    """A position as part of a path."""
    text = flat(printed(position))
    return text if isinstance(position, Const) else f"{{{text}}}"
