"""Python expressions as a small tree, and their layout: as `ruff format` would have them at WIDTH columns."""

from __future__ import annotations

import re

from archdsl.records import record

#: No line of generated code is longer.
WIDTH = 100

ATOM, POWER, UNARY, PRODUCT, SUM, TEST = 9, 5, 4, 3, 2, 1
_EXPONENT = re.compile(r"e\+?(-?)0*(?=[0-9])")
#: What stands close to a `**`.
_SIMPLE = re.compile(r"[\w.]+", re.ASCII)
_STRENGTH = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "//": PRODUCT, "%": PRODUCT, "**": POWER}
_CHOICE = TEST - 2


@record
class Code:
    """A finished piece of text that binds as strongly as `power` says."""

    text: str
    power: int = ATOM


@record
class Apply:
    """`function(args)`, or `target.function(args)`."""

    function: str
    args: tuple[Py, ...]
    target: Py | None = None


@record
class Subscript:
    """`target[index]`."""

    target: Py
    index: str


@record
class Keyword:
    """`name=value` among arguments."""

    name: str
    value: Py


@record
class Star:
    """`*value` among arguments or members, `**value` in a dict; a comprehension stands in parentheses behind it."""

    value: Py
    sign: str = "*"


@record
class Comprehension:
    """`element for … in …`, without brackets."""

    element: Py
    loops: tuple[tuple[str, Py], ...]  # variables, and what they run through


@record
class Infix:
    """`a op b op c`, left to right."""

    op: str
    operands: tuple[Py, ...]


@record
class Ternary:
    """`then if test else other`."""

    then: Py
    test: Py
    other: Py


@record
class Pair:
    """`key: value` among the members of a dict."""

    key: Py
    value: Py


@record
class Bracket:
    """A list, a tuple or a dict."""

    items: tuple[Py, ...]
    pair: str = "[]"


@record
class Noted:
    """An argument or member that stands on a line of its own with a comment, where there is room."""

    value: Py
    note: str


Py = Code | Apply | Subscript | Keyword | Star | Comprehension | Infix | Ternary | Pair | Bracket | Noted


def constant(value: object) -> Code:
    """A constant of Python. Values enter generated code through here alone."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return Code(f'float("{value!r}")')
    text = double_quoted(value) if isinstance(value, str) else repr(value)
    if isinstance(value, float):
        text = _EXPONENT.sub(r"e\1", text)
    return Code(text, UNARY if text.startswith("-") else ATOM)


def double_quoted(text: str) -> str:
    """The literal of a string with the quotes that `ruff format` wants: double ones unless that escapes more."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    body = ascii(text + "'")[1:-2]  # with a ' in it, ascii() may quote with " and never does if there is a "
    if '"' in text:
        body = ascii(text + "'\"")[1:-4].replace("\\'", "'")
    return quote + body.replace(quote, "\\" + quote) + quote


def power(py: Py) -> int:
    """How strongly the outermost operation binds."""
    if isinstance(py, Code):
        return py.power
    if isinstance(py, Infix):
        return _STRENGTH[py.op] if len(py.operands) > 1 else power(py.operands[0])
    if isinstance(py, Ternary):
        return _CHOICE
    return power(py.value) if isinstance(py, Noted) else ATOM


def flat(py: Py) -> str:
    """The expression on one line."""
    if isinstance(py, Code):
        return py.text
    if isinstance(py, Apply):
        return f"{_callee(py)}({', '.join(map(flat, py.args))})"
    if isinstance(py, Subscript):
        return f"{_target(py.target)}[{py.index}]"
    if isinstance(py, Keyword):
        return f"{py.name}={flat(py.value)}"
    if isinstance(py, Star):
        inner = flat(py.value)
        loose = isinstance(py.value, Comprehension) or power(py.value) < ATOM
        return f"{py.sign}({inner})" if loose else py.sign + inner
    if isinstance(py, Comprehension):
        return " ".join([flat(py.element), *(f"for {name} in {flat(source)}" for name, source in py.loops)])
    if isinstance(py, Infix):
        texts = _operands(py)
        plain = py.op == "**" and all(map(_SIMPLE.fullmatch, texts))
        return (py.op if plain else f" {py.op} ").join(texts)
    if isinstance(py, Ternary):
        return " ".join(_branches(py))
    if isinstance(py, Pair):
        return f"{flat(py.key)}: {flat(py.value)}"
    if isinstance(py, Bracket):
        comma = "," if py.pair == "()" and len(py.items) == 1 else ""
        return py.pair[0] + ", ".join(map(flat, py.items)) + comma + py.pair[1]
    return flat(py.value)


def _callee(py: Apply) -> str:
    return py.function if py.target is None else f"{_target(py.target)}.{py.function}"


def _target(py: Py) -> str:
    """What something is asked of."""
    target = flat(py)
    if power(py) < ATOM or (isinstance(py, Code) and target[:1].isdigit()):
        return f"({target})"
    return target


def _operands(py: Infix) -> list[str]:
    own = power(py)
    texts = []
    for i, operand in enumerate(py.operands):
        inner = power(operand)
        loose = inner < own or (inner == own and i > 0) or (py.op == "**" and inner < ATOM)
        texts.append(f"({flat(operand)})" if loose else flat(operand))
    return texts


def _branches(py: Ternary) -> list[str]:
    texts = [
        f"({flat(part)})" if power(part) <= _CHOICE else flat(part) for part in (py.then, py.test, py.other)
    ]
    return [texts[0], f"if {texts[1]}", f"else {texts[2]}"]


def layout(
    py: Py,
    indent: int = 0,
    before: str = "",
    after: str = "",
    note: str = "",
    opened: bool = False,
    roomy: bool = False,
) -> list[str]:
    """The lines of `before` + expression + `after`, indented by columns; `note` becomes a comment if it fits.

    What does not fit on one line (where `roomy`, with its comment) is opened at its outermost brackets: all arguments
    on one line where they fit, else one member on a line. `opened`: also what would fit.
    """
    blank = " " * indent
    line = f"{blank}{before}{flat(py)}{after}"
    if len(line) <= WIDTH and not opened:
        noted = _with_note(line, note)
        if roomy and note and noted == line and isinstance(py, (Apply, Bracket)):
            lines = layout(py, indent, before, after, note, opened=True)
            return lines if lines[-1].endswith(note) else [line]
        return [noted]
    if isinstance(py, Noted):
        return layout(py.value, indent, before, after, py.note)
    if isinstance(py, Subscript) and power(py.target) == ATOM:
        return layout(py.target, indent, before, f"[{py.index}]{after}", note)
    if isinstance(py, Keyword):
        return layout(py.value, indent, f"{before}{py.name}=", after, note)
    if isinstance(py, Pair):
        return layout(py.value, indent, f"{before}{flat(py.key)}: ", after, note)
    if isinstance(py, Star) and isinstance(py.value, Bracket):
        return layout(py.value, indent, before + py.sign, after, note)
    if isinstance(py, Apply) and py.args:
        lines = [f"{blank}{before}{_callee(py)}(", *_members(py.args, indent + 4, True), f"{blank}){after}"]
    elif isinstance(py, Bracket) and py.items:
        lines = [
            f"{blank}{before}{py.pair[0]}",
            *_members(py.items, indent + 4),
            f"{blank}{py.pair[1]}{after}",
        ]
    elif isinstance(py, Star):
        lines = [f"{blank}{before}*(", *_opened(py.value, indent + 4), f"{blank}){after}"]
    elif isinstance(py, (Infix, Ternary)) and not before.endswith("*"):
        lines = [f"{blank}{before}(", *_opened(py, indent + 4), f"{blank}){after}"]
    else:
        return [_with_note(line, note)]
    lines[-1] = _with_note(lines[-1], note)
    return lines


def _members(items: tuple[Py, ...], indent: int, call: bool = False) -> list[str]:
    if call and not any(isinstance(item, Noted) for item in items):
        line = " " * indent + ", ".join(map(flat, items))
        if len(line) <= WIDTH:
            return [line]
    if len(items) == 1 and isinstance(items[0], Comprehension):
        return _opened(items[0], indent)
    if call and len(items) == 1:
        only = items[0]
        if isinstance(only, (Apply, Bracket)) and not fits(only, indent, ""):
            return layout(only, indent)
    lines: list[str] = []
    for item in items:
        value, note = (item.value, item.note) if isinstance(item, Noted) else (item, "")
        lines += layout(value, indent, "", ",", note)
    return lines


def _opened(py: Py, indent: int) -> list[str]:
    """The inside of parentheses that had to be opened."""
    if fits(py, indent, ""):
        return [" " * indent + flat(py)]
    if isinstance(py, Comprehension):
        lines = layout(py.element, indent)
        for name, source in py.loops:
            lines += layout(source, indent, f"for {name} in ")
        return lines
    if isinstance(py, Infix):
        first, *others = _operands(py)
        return [" " * indent + first, *(f"{' ' * indent}{py.op} {text}" for text in others)]
    if isinstance(py, Ternary):
        then = layout(py.then, indent) if power(py.then) > _CHOICE else [" " * indent + _branches(py)[0]]
        return [*then, *(" " * indent + text for text in _branches(py)[1:])]
    return layout(py, indent)


def fits(py: Py, indent: int, around: str, width: int = WIDTH) -> bool:
    """Whether the expression, with what stands around it, fits on one line."""
    return indent + len(around) + len(flat(py)) <= width


def _with_note(line: str, note: str) -> str:
    noted = f"{line}  # {note}"
    return noted if note and len(noted) <= WIDTH else line
