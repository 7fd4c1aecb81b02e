"""Changes of texts that keep most of them legal: libFuzzer's own change bytes, and seldom leave a program."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.fuzz.dictionary import words
from tests.property.broken import MUTATIONS, TOKEN, Choose

Bytes = Callable[[bytes, int], bytes]

#: of a hundred mutations, so many are left to libFuzzer
PLAIN = 15


def insert_word(text: str, choose: Choose) -> str:
    """A word of the language behind some token, or in its place."""
    spans = [match.span() for match in TOKEN.finditer(text)] or [(0, 0)]
    start, end = spans[choose(len(spans))]
    known = words()
    return f"{text[: start if choose(2) else end]} {known[choose(len(known))]} {text[end:]}"


def move_lines(text: str, choose: Choose) -> str:
    """Some lines, once more, in another place."""
    lines = text.split("\n")
    start, to = choose(len(lines)), choose(len(lines) + 1)
    taken = lines[start : start + 1 + choose(4)]
    return "\n".join([*lines[:to], *taken, *lines[to:]])


OWN = (*MUTATIONS, insert_word, insert_word, move_lines)


def custom_mutator(plain: Bytes) -> Callable[[bytes, int, int], bytes]:
    """As atheris wants it; `plain` is libFuzzer's own."""

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.randrange(100) < PLAIN:
            return plain(data, most)
        text = data.decode("utf-8", "replace")
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            text = chance.choice(OWN)(text, chance.randrange)
        return text.encode("utf-8", "surrogatepass")[:most]

    return mutate


def custom_crossover(first: bytes, second: bytes, most: int, seed: int) -> bytes:
    """Declarations or lines of one text among those of another."""
    chance = random.Random(seed)
    mark = chance.choice([b"\n", b"\n", b"\n\n", b"}\n"])
    ours, theirs = first.split(mark), second.split(mark)
    start = chance.randrange(len(theirs))
    at = chance.randrange(len(ours) + 1)
    ours[at : at + chance.randrange(2)] = theirs[start : start + 1 + chance.randrange(6)]
    return mark.join(ours)[:most]
