"""The mends for what people write who come from other languages: the help of an E101."""

from __future__ import annotations

import re
from collections.abc import Callable

from archdsl.syntax.situation import Situation
from archdsl.syntax.words import OPERANDS, RESERVED, STATEMENTS

_BEGINS = (RESERVED - {"when", "as", "takes"}) | {"{", "("}
_LOOP = "a loop is written `for x in xs { … }`, as in `for i in range(3) { … }`"
_NUMBER = "the right of `~` is a number, whose digits say how exactly it must hold"
EVERY_NAME = "every name that is used is imported by its name: `from std.residual import residual`"
_ARGUMENTS = "arguments stand in parentheses: `conv(64, 3)`"
_ANEW = "a value is bound anew: `let n = n + 1`"
BODIES = {
    "block": "the body of a block stands in `{ }`: `block name(…) { … }`",
    "network": "the body of a network stands in `{ }`: `network name(…) { … }`",
    "model": "a model is written `model name = network(…) { expect … }`",
    "extern": 'an extern is written `extern block name(…) { python = "…"; … }`',
    "def": "a function is one expression behind `=`: `def f(x) = x + 1`",
    "if": "what depends on a condition stands in `{ }`: `if … { … }`",
    "elif": "what depends on a condition stands in `{ }`: `elif … { … }`",
    "else": "what depends on a condition stands in `{ }`: `else { … }`",
    "for": "what is repeated stands in `{ }`: `for x in xs { … }`",
}
_FIRST_WORDS = {
    "return": "nothing is returned: a block gives what its last statement leaves",
    "lambda": "a function is written `def f(x) = …`, at the top of a file or in a body",
    "class": "a module of one's own is a `block`, a whole one a `network`",
    "while": "`for x in range(n) { … }` repeats",
    "repeat": "`for x in range(n) { … }` repeats, and so does `layer * n`",
    "fn": "a function is written `def f(x) = …`, a module `block name(…) { … }`",
    "func": "a function is written `def f(x) = …`, a module `block name(…) { … }`",
    "function": "a function is written `def f(x) = …`, a module `block name(…) { … }`",
    "const": "a value is written `let name = …`",
    "var": "a value is written `let name = …`",
    "is": "equality is `==`",
    "assert": 'what must hold is written `expect condition, "message"`',
    "elseif": "write `elif`",
    "elsif": "write `elif`",
    "architecture": "a whole architecture is a `network name { … }`",
    "module": "a module of one's own is a `block`, a whole one a `network`",
    "import": "names come by `from file import name`",
}
_FRAMEWORKS = frozenset(["torch", "torchvision", "tensorflow", "keras", "jax", "flax", "numpy", "timm"])
_FORMS = {
    "share": "a shared layer has a name: `share name = conv(64, 3)`",
    "default": "defaults are written as a call: `default conv(bias=false)`",
    "input": "an input is written `input name: [3, 224, 224]`",
    "output": "it is written `output name` or `output name = …`",
    "let": "a value is written `let name = …`",
    "def": "a function is written `def f(x) = …`",
    "model": BODIES["model"],
    "extern": BODIES["extern"],
}


def habit(here: Situation) -> str:
    """What to write instead; nothing if no habit shows."""
    if here.value == "import" and here.rest.split()[:1] and here.rest.split()[0].split(".")[0] in _FRAMEWORKS:
        return (
            "nothing is imported for layers: they are words of the language, as `conv(64, 3) -> bn -> relu`"
        )
    for word in (here.before, here.word):
        if word is not None and word.value in _FIRST_WORDS and (word.type == "NAME" or word is here.word):
            return _FIRST_WORDS[word.value]
    if len(here.words) > 2 and here.words[-3].value == "~":
        return _NUMBER
    rule = _RULES.get(here.value)
    if rule is None and here.word.type in ("SEPARATOR", "$END"):
        rule = _end
    return (rule(here) if rule else "") or _form(here) or _anything(here)


def _form(here: Situation) -> str:
    """The form of the statement, or the body, that is not complete."""
    if "{" in here.wanted and "NAME" not in here.wanted:
        return BODIES.get(_opening(here), "")
    if "SEPARATOR" in here.wanted or "NUMBER" in here.wanted or here.bracket in ("(", "["):
        return ""
    return _FORMS.get(here.header, "")


def _colon(here: Situation) -> str:
    if here.bracket in ("(", "["):
        return ""
    opening = _opening(here)
    if here.header == "-":
        return "layers stand on lines of their own, without `-`; what one is given stands in `( )`"
    if opening in BODIES:
        return BODIES[opening]
    if here.header == "let":
        return "a value has no annotation: `let name = …`"
    if here.header in ("output", "share"):
        return f"it is written `{here.header} name = …`"
    if "SEPARATOR" in here.wanted:
        return "a label is one name or one string before one element; brackets make a chain one element"
    return ""


def _opening(here: Situation) -> str:
    """The word that began what wants a body: the last `if`, `for` … of the statement, or its first word."""
    for word in reversed(here.statement):
        if word.value in ("if", "elif", "else", "for"):
            return str(word.value)
        if word.value in ("{", "}"):
            break
    return here.header


def _equals(here: Situation) -> str:
    before = here.before.value if here.before else ""
    if here.header == "expect":
        return "equality is `==`; about equal is `~`"
    if _opening(here) in ("if", "elif"):
        return "equality is `==`"
    if "in" in here.wanted and _opening(here) == "for":
        return _LOOP
    if before in ("+", "-", "*", "/", "//", "**", "%"):
        return _ANEW
    if before in ("it", "in", "true", "false"):
        return f"`{before}` is a word of the language and cannot be a name"
    if before == ")" and here.statement[0].type == "NAME":
        return "a function is written `def f(x) = …`"
    if here.bracket in ("(", "["):
        return "equality is `==`; a name is bound by a statement of its own"
    if [word.value for word in here.statement[1:2]] == [":"]:
        return "a label stands behind the `=`: `name = label: …`"
    if "SEPARATOR" in here.wanted:
        return "only names are bound, by one `=`"
    return ""


def _operator(here: Situation) -> str:
    return _ANEW if here.rest.startswith("=") else ""


def _bar(here: Situation) -> str:
    if here.before is not None and here.before.value in ("|", "("):
        return "a branch is wanted before `|`; the tensor itself is `identity`"
    if here.bracket == "(" and here.in_call:
        return "branches have parentheses of their own: `f(( a | b ))`"
    return "branches stand in parentheses: `( a | b )`"


def _comma(here: Situation) -> str:
    if here.bracket == "(" and not here.in_call:
        return "a list is written `[a, b]`, branches `( a | b )`"
    if here.bracket == "[" and here.in_call:
        return "one index at a time: `x[0][1]`"
    if here.bracket == "{" and len(here.statement) == 1:
        return "a list is written `[a, b]`"
    return ""


def _arrow(here: Situation) -> str:
    if here.before is None or here.before.value in ("{", "(", "|", "[", ",", "->"):
        return "a layer is wanted before `->`; the tensor itself is `identity`"
    if here.before.value == ";":
        return "`->` goes on with the line before: leave out the `;`"
    if here.header in ("block", "network"):
        return "a block does not declare what comes out"
    if here.header == "def":
        return _FORMS["def"]
    return ""


def _for(here: Situation) -> str:
    if here.bracket == "(" and here.in_call:
        return "a list is written `[… for … in …]`, a bundle `( … for … in … )` with parentheses of its own"
    return ""


def _if(here: Situation) -> str:
    return "write `elif`" if here.before is not None and here.before.value == "else" else ""


def _else(here: Situation) -> str:
    return "" if "else" in here.wanted else f"`{here.value}` stands directly behind the `}}` of its `if`"


def _closing(here: Situation) -> str:
    before = here.before.value if here.before else ""
    if before == "(" and not here.in_call:
        return "the tensor itself is `identity`; a list is `[]`"
    if before in ("->", "|"):
        return f"leave out the `{before}`, or write what follows; the tensor itself is `identity`"
    return _no_else(here)


def _brace(here: Situation) -> str:
    if here.before is not None and here.before.type == "SEPARATOR":
        return "`{` stands on the line of what it belongs to"
    if here.before is not None and here.before.type == "NAME" and here.before.end_pos == here.word.start_pos:
        return _ARGUMENTS
    return ""


def _slash(here: Situation) -> str:
    if here.first_on_line or here.value == "//" or here.rest.startswith("*"):
        return "a comment begins with `#`"
    return _operator(here)


def _star(here: Situation) -> str:
    if here.header == "from":
        return EVERY_NAME
    if here.value == "**":
        return "`*xs` spreads a list; arguments by name are written out"
    if here.rest.startswith("="):
        return _ANEW
    return "a list is spread among arguments and in lists only"


def _about(here: Situation) -> str:
    return "" if here.header == "expect" else "`~` stands in `expect` only"


def _end(here: Situation) -> str:
    follows = here.source.text[here.span.end :].lstrip()
    if here.value == ";" and here.bracket in ("(", "[") and here.bracket:
        return "`;` ends a statement; in brackets, `,` or `|` stands between two things"
    if "{" in here.wanted and follows.startswith("{"):
        return "the `{` stands on the same line"
    return _no_else(here)


def _no_else(here: Situation) -> str:
    if "else" not in here.wanted or "SEPARATOR" in here.wanted:
        return ""
    return "a choice is written `x if c else y`, a layer that may be left out `if c { x }`"


def _anything(here: Situation) -> str:
    before, word = here.before, here.word
    if before is None:
        return ""
    on_one_line = "\n" not in here.source.text[before.end_pos or 0 : here.span.start]
    if before.value == "~":
        return _NUMBER
    if here.header == "from" and word.type == "STRING":
        return "a file is named without quotes and without `.arch`: `from blocks import unit`"
    if here.header == "from" and word.value == "(":
        return "the names stand without parentheses; a line may end behind `,`"
    if before.type == "NUMBER" and word.type == "NAME" and word.value.startswith("x"):
        return "an extent is written without blanks: `3x3`"
    if "SEPARATOR" in here.wanted and here.value in ("x", "X") and re.match(" *[0-9]", here.rest):
        return "copies one after another are written `layer * 2`, of several `(a -> b) * 2`"
    if before.value == "layer" and here.bracket != "(":
        return "a layer stands alone, and a label before it names it: `conv1: conv(64, 3)`"
    if (
        before.type == "NAME"
        and word.type in ("NUMBER", "EXTENTS")
        and "SEPARATOR" in here.wanted
        and on_one_line
    ):
        return _ARGUMENTS
    if before.type == "STRING" and "SEPARATOR" in here.wanted and here.statement == [before]:
        if word.value in STATEMENTS:
            return "behind a docstring its line ends, or a `;` stands"
        return "a label has a `:` behind it"
    if before.type == "NAME" and word.type == "STRING" and before.end_pos == word.start_pos:
        return "no letters stand before a string; what is in its braces is a value in labels and in `extern`"
    if "in" in here.wanted and "NAME" not in here.wanted and _opening(here) == "for":
        return _LOOP
    if here.header == "expect" and word.type == "STRING":
        return "a `,` stands before the message"
    operands = before.type in OPERANDS or before.value in (")", "]")
    if (
        "," in here.wanted
        and on_one_line
        and operands
        and word.type in OPERANDS
        and here.bracket in ("(", "[")
    ):
        return "a `,` is missing between two values"
    if "SEPARATOR" in here.wanted and on_one_line and (word.type in OPERANDS or here.value in _BEGINS):
        return "two statements on one line need `;` between them, layers `->`"
    return ""


_RULES: dict[str, Callable[[Situation], str]] = {
    ":": _colon,
    "=": _equals,
    "|": _bar,
    ",": _comma,
    "->": _arrow,
    "for": _for,
    "if": _if,
    "else": _else,
    "elif": _else,
    "+": _operator,
    "-": _operator,
    ")": _closing,
    "}": _closing,
    "]": _closing,
    "{": _brace,
    "/": _slash,
    "//": _slash,
    "*": _star,
    "**": _star,
    "~": _about,
}
