"""The value of a number as it is written."""

from __future__ import annotations

import math
import re

_INTEGER = r"(?:0|[1-9][0-9]*(?:_[0-9]+)*)"
_NUMBER = re.compile(rf"({_INTEGER}(?:\.[0-9]+(?:_[0-9]+)*)?)([eE][+-]?[0-9]+)?([KMG])?")
_POWERS = {"K": 3, "M": 6, "G": 9}

#: Longer ones are a slip of the keyboard, and slow.
MAX_DIGITS = 100

#: Below it a float is zero, and what `~` expects, which is worked out exactly, has too many digits.
LEAST_EXPONENT = -400


def number(text: str) -> int | float | str:
    """The value of a number; for a text that is none, what is wrong with it.

    A suffix is a power of 1000, and the value is an int when it is whole. Without one the value is an int if
    there is neither a point nor an exponent.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return _why(text)
    if len(text) > MAX_DIGITS:
        return f"a number has at most {MAX_DIGITS} digits"
    digits, exponent, suffix = match.groups()
    digits = digits.replace("_", "")
    if int((exponent or "e0")[1:]) < LEAST_EXPONENT:
        return "the number is too small"
    if suffix is None and exponent is None and "." not in digits:
        return int(digits)
    value = float(digits + (exponent or ""))
    if math.isinf(value):
        return "the number is too large"
    if suffix is None:
        return value
    if value == 0:
        return 0
    whole, _, after = digits.partition(".")
    power = int((exponent or "e0")[1:]) + _POWERS[suffix] - len(after)
    up: int = 10 ** max(power, 0)
    below: int = 10 ** max(-power, 0)
    above = int(whole + after) * up
    return above / below if above % below else above // below


def _why(text: str) -> str:
    """What is wrong with a text that begins like a number."""
    if re.fullmatch(rf"{_INTEGER}(\.[0-9]+)?[kmgtTbB]", text):
        return "the suffixes of numbers are `K`, `M` and `G`"
    if re.fullmatch(r"0[0-9_]+", text):
        return "a number does not begin with 0"
    return "this is not a number"
