"""What to say of characters that no word of the language begins with."""

from __future__ import annotations

from archdsl.diagnostics.core import Diagnostic
from archdsl.source import Source, Span
from archdsl.syntax.faults import Word, place, quoted

# From other languages, with the mend.
_HABITS = {
    "=>": "layers follow one another with `->`",
    "|>": "layers follow one another with `->`",
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `or`; branches stand in parentheses, with one `|` between two",
    "!": "write `not`",
    ":=": "write `name = …` for what flows, `let name = …` for a value",
    "@": "matrices are multiplied by the join `matmul`: `( a | b ) -> matmul`",
    "^": "a power is written `**`",
    "\\": "a line goes on behind an operator, before `->` and in brackets; nothing else is needed",
    "…": "every element is written out; `for` and `*` repeat",
    "?": "a choice is written `x if condition else y`",
}

# Characters of typeset text, with the plain ones that the language uses.
PLAIN = {
    **dict.fromkeys("→⟶⇒➜➔", "->"),
    **dict.fromkeys("×·∗⋅", "*"),
    **dict.fromkeys("−–—‐‑", "-"),
    **dict.fromkeys("“”„«»＂", '"'),
    **dict.fromkeys("÷∕", "/"),
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "∼": "~",
    "∈": "in",
    "∉": "not in",
    "∧": "and",
    "∨": "or",
    "¬": "not",
    "：": ":",
    "，": ",",
    "；": ";",
    "（": "(",
    "）": ")",
    "［": "[",
    "］": "]",
    "｛": "{",
    "｝": "}",
    "＝": "=",
    "｜": "|",
    "∣": "|",
}


def strange(source: Source, word: Word) -> Diagnostic:
    """For a word that the lexer made of what it does not know."""
    if word.type == "UNCLOSED_STRING":
        return _unclosed_string(source, word)
    span, value = place(source, word), word.value
    if value.startswith("'"):
        return Diagnostic("E103", "a string stands in double quotes", span, help=_requoted(value))
    if value == "`":
        return Diagnostic("E103", "a name stands without quotes", span)
    habit = _HABITS.get(value) or _HABITS.get(value[0])
    if habit:
        return Diagnostic("E103", f"{quoted(value)} is no operator of the language", span, help=habit)
    return _character(source, span, value)


def _unclosed_string(source: Source, word: Word) -> Diagnostic:
    span = place(source, word)
    if span.text.endswith("\\") or "\\" not in span.text:
        mend = 'it ends on its line with `"`; a new line in it is written `\\n`'
    else:
        mend = '`\\"` is a quote in the string: it ends with a `"` of its own'
    return Diagnostic("E104", "a string is not closed", span, help=mend)


def _requoted(value: str) -> str:
    inner = value.strip("'")
    return f'write `"{inner}"`' if 2 < len(value) < 40 and value.endswith("'") and '"' not in inner else ""


def _character(source: Source, span: Span, value: str) -> Diagnostic:
    first = value[0]
    here = Span(source, span.start, span.start + 1)
    if first in PLAIN:
        plain = PLAIN[first]
        before = source.text[span.start - 1 : span.start]
        if first == "×" and before.isdigit() and value[1:2].isdigit():
            plain = "x"
        return Diagnostic("E103", f"`{first}` is no character of the language", here, help=f"write `{plain}`")
    if first.isalnum():
        start = span.start
        while start and (source.text[start - 1].isalnum() or source.text[start - 1] == "_"):
            start -= 1
        whole = Span(source, start, span.end)
        mend = "names are made of the letters a to z and A to Z, digits and `_`"
        return Diagnostic("E103", f"{quoted(whole.text)} is not a name", whole, help=mend)
    from unicodedata import name as name_of  # slow to load, and seldom wanted

    name = name_of(first, "").lower()
    shown = f"`{first}`" if first.isprintable() else "a character"
    point = f"U+{ord(first):04X}"
    called = f" ({point}, {name})" if name else f" ({point})"
    if first.isascii() and first.isprintable():
        called = ""
    mend = "remove it" if not first.isprintable() else ""
    return Diagnostic("E103", f"{shown}{called} is no character of the language", here, help=mend)
