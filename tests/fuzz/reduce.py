"""A text that fails, made as short as it will: first lines go, then words."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from time import perf_counter

from tests.property.broken import TOKEN

#: what a reduction may take
SECONDS = 60


def failure(target: Callable[[bytes], None], data: bytes) -> str:
    """What a target dies of: the kind of exception and where it was raised; nothing where it lives."""
    try:
        target(data)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {place.name}"
    return ""


def reduced(target: Callable[[bytes], None], data: bytes, seconds: float = SECONDS) -> bytes:
    """A part of the bytes of which the target dies the same way."""
    wanted = failure(target, data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data
    if not wanted:
        return data
    end = perf_counter() + seconds

    def dies(parts: Sequence[str]) -> bool:
        return perf_counter() < end and failure(target, "".join(parts).encode("utf-8", "replace")) == wanted

    text = "".join(without(text.splitlines(keepends=True), dies))
    return "".join(without(pieces(text), dies)).encode("utf-8", "replace")


def pieces(text: str) -> list[str]:
    """The words of a text, each with the blanks before it."""
    ends = [match.end() for match in TOKEN.finditer(text)]
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


def without(parts: list[str], dies: Callable[[Sequence[str]], bool]) -> list[str]:
    """The parts that are left when each run of them has gone that can, long runs first."""
    size = max(1, len(parts) // 2)
    while True:
        at = 0
        while at < len(parts):
            fewer = parts[:at] + parts[at + size :]
            if dies(fewer):
                parts = fewer
            else:
                at += size
        if size == 1:
            return parts
        size = max(1, size // 2)
