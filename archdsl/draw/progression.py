"""Sequences of numbers that a reader can go on with: equal, evenly spaced, multiplied, or these again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import isclose

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def same(xs: Sequence[float], ys: Sequence[float]) -> bool:
    """Equal but for rounding."""
    return len(xs) == len(ys) and all(
        isclose(x, y, rel_tol=1e-6, abs_tol=1e-9) for x, y in zip(xs, ys, strict=True)
    )


def is_regular(values: Sequence[float]) -> bool:
    """Is this an arithmetic or geometric sequence, or a shorter one of them over and over?"""
    if len(set(values)) == 1:
        return True
    again = next((i for i in range(1, len(values)) if values[i] == values[0]), 0)
    if again and again * 2 <= len(values):
        return all(values[i] == values[i % again] for i in range(len(values))) and is_regular(values[:again])
    if len(values) < 3:
        return False
    differences = [b - a for a, b in pairwise(values)]
    if same(differences, differences[:1] * len(differences)):
        return True
    if not all(values):
        return False
    ratios = [b / a for a, b in pairwise(values)]
    return same(ratios, ratios[:1] * len(ratios))


def merged(texts: Sequence[str]) -> str:
    """One text for several that differ in numbers: `conv 3×3, 64` and `conv 3×3, 96` is `conv 3×3, 64…96`."""
    first = texts[0]
    different = dict.fromkeys(texts)
    if len(different) == 1:
        return first
    frames = [_NUMBER.sub("#", text) for text in different]
    known = Counter(frames)
    frame = max(known, key=lambda f: (known[f], len(f)))  # `dilation 1` is not said, `dilation 2` is
    rows = [_NUMBER.findall(text) for text, other in zip(different, frames, strict=True) if other == frame]
    unsaid = len(rows) < len(frames)
    if unsaid and len(rows) == 1:
        return first + " …"
    words = [_word(column, unsaid) for column in zip(*rows, strict=True)]
    parts = frame.split("#")
    return parts[0] + "".join(word + part for word, part in zip(words, parts[1:], strict=True))


def _word(column: Sequence[str], unsaid: bool) -> str:
    """The numbers at one place of several texts; `unsaid` if more texts say nothing there."""
    if len(set(column)) == 1:
        return column[0]
    numbers = [float(word) for word in column]
    ordered = numbers in (sorted(numbers), sorted(numbers, reverse=True))
    first = column[0] if ordered else column[numbers.index(min(numbers))]
    last = column[-1] if ordered else column[numbers.index(max(numbers))]
    return f"…{last}" if unsaid else f"{first}…{last}"


def growth(before: int, after: Sequence[int]) -> str:
    """`64 → 256, +32 each`, where a number grows evenly from copy to copy; else nothing."""
    step = after[0] - before
    if not step or any(b - a != step for a, b in pairwise(after)):
        return ""
    sign = "+" if step > 0 else "−"
    return f"{before} → {after[-1]}, {sign}{abs(step)} each"
