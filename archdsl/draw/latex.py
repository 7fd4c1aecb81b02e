"""Text of a spec as LaTeX that shows it: nothing in it becomes a command."""

from __future__ import annotations

import unicodedata

#: What has a meaning in LaTeX, and what drawings write and `pdflatex` does not know by itself.
_WORDS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"{''}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    "-": r"{-}",
    "×": r"\ensuremath{\times}",
    "÷": r"\ensuremath{\div}",
    "·": r"\ensuremath{\cdot}",
    "‖": r"\ensuremath{\|}",
    "−": r"\ensuremath{-}",
    "±": r"\ensuremath{\pm}",
    "→": r"\ensuremath{\rightarrow}",
    "←": r"\ensuremath{\leftarrow}",
    "↓": r"\ensuremath{\downarrow}",
    "↑": r"\ensuremath{\uparrow}",
    "≈": r"\ensuremath{\approx}",
    "≤": r"\ensuremath{\le}",
    "≥": r"\ensuremath{\ge}",
    "≠": r"\ensuremath{\ne}",
    "∞": r"\ensuremath{\infty}",
    "∝": r"\ensuremath{\propto}",
    "√": r"\ensuremath{\surd}",
    "₂": r"\ensuremath{_2}",
    "⊕": r"\ensuremath{\oplus}",
    "⊖": r"\ensuremath{\ominus}",
    "⊗": r"\ensuremath{\otimes}",
    "⊘": r"\ensuremath{\oslash}",
    "⊙": r"\ensuremath{\odot}",
    "…": r"\ldots{}",
    "–": r"--",
    "—": r"---",
    "‘": r"`",
    "’": r"'",
    "“": r"``",
    "”": r"''",
    "²": r"\ensuremath{^2}",
    "³": r"\ensuremath{^3}",
    "\u00a0": r"~",
    "\N{REPLACEMENT CHARACTER}": r"?",
}
#: From α on; LaTeX has no ο, and ς is a form of σ.
_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi ο pi rho ς sigma tau upsilon phi chi "
    "psi omega"
)
_WORDS |= {
    chr(0x3B1 + at): f"\\ensuremath{{\\{name}}}" for at, name in enumerate(_GREEK.split()) if name.isascii()
}


def escaped(text: str) -> str:
    """A line of text. What neither ASCII, Latin letters nor this table has is named by its number, `[U+65E5]`."""
    return "".join(_character(c) for c in text)


def _character(c: str) -> str:
    if c in _WORDS:
        return _WORDS[c]
    if " " <= c <= "~" or "\u00c0" <= c <= "\u017f":
        return c
    plain = unicodedata.normalize("NFKC", c)
    if plain != c:
        return escaped(plain)
    return "" if unicodedata.combining(c) or c < " " else f"[U+{ord(c):04X}]"
