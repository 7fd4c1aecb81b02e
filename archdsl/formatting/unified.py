"""What changes from one text to another, as a unified diff. Time grows with the texts, also where lines are alike."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher

#: Lines of one text times lines of the other up to which all their matches are looked for.
_SMALL = 250_000
_CONTEXT = 3


class _Matcher(SequenceMatcher[str]):
    """Groups the changes between two texts of which it is known what stays."""

    def __init__(self, one: Sequence[str], other: Sequence[str]) -> None:
        super().__init__(None, one, other, autojunk=False)
        self._blocks = [*_matches(one, other), Match(len(one), len(other), 0)]

    def get_matching_blocks(self) -> list[Match]:
        return self._blocks


def unified(before: str, behind: str, name: str) -> Iterator[str]:
    """The lines of a unified diff, with three lines around each change; none if nothing changes."""
    one, other = before.splitlines(), behind.splitlines()
    first = True
    for hunk in _Matcher(one, other).get_grouped_opcodes(_CONTEXT):
        if all(tag == "equal" for tag, *_ in hunk):
            continue
        if first:
            yield f"--- {name}"
            yield f"+++ {name}"
            first = False
        (_, i, _, j, _), (_, _, i_end, _, j_end) = hunk[0], hunk[-1]
        yield f"@@ -{_range(i, i_end)} +{_range(j, j_end)} @@"
        for tag, i, i_end, j, j_end in hunk:
            if tag == "equal":
                yield from (f" {line}" for line in one[i:i_end])
            else:
                yield from (f"-{line}" for line in one[i:i_end])
                yield from (f"+{line}" for line in other[j:j_end])


def _range(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _matches(one: Sequence[str], other: Sequence[str]) -> list[Match]:
    """The blocks of lines that stay, in their order: between lines that each text has once (patience diff), all that
    difflib finds, where that is few lines."""
    found: list[Match] = []
    todo = [(0, len(one), 0, len(other))]
    while todo:
        i, i_end, j, j_end = todo.pop()
        size = 0
        while i + size < i_end and j + size < j_end and one[i + size] == other[j + size]:
            size += 1
        if size:
            found.append(Match(i, j, size))
        i, j = i + size, j + size
        size = 0
        while i < i_end - size and j < j_end - size and one[i_end - size - 1] == other[j_end - size - 1]:
            size += 1
        if size:
            found.append(Match(i_end - size, j_end - size, size))
        i_end, j_end = i_end - size, j_end - size
        if (i_end - i) * (j_end - j) <= _SMALL:
            blocks = SequenceMatcher(None, one[i:i_end], other[j:j_end], autojunk=False).get_matching_blocks()
            found += [Match(i + block.a, j + block.b, block.size) for block in blocks if block.size]
            continue
        anchors = _anchors(one[i:i_end], other[j:j_end])
        for a, b in reversed(anchors):  # each begins a part that matches from its first line on
            todo.append((i + a, i_end, j + b, j_end))
            i_end, j_end = i + a, j + b
        if anchors:
            todo.append((i, i_end, j, j_end))
    whole: list[Match] = []
    for match in sorted(found):
        if whole and whole[-1].a + whole[-1].size == match.a and whole[-1].b + whole[-1].size == match.b:
            match = Match(whole[-1].a, whole[-1].b, whole.pop().size + match.size)
        whole.append(match)
    return whole


def _anchors(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """The most lines that each text has once, in the order of both."""
    first, second = Counter(one), Counter(other)
    places = {line: j for j, line in enumerate(other) if second[line] == 1}
    pairs = [(i, places[line]) for i, line in enumerate(one) if first[line] == 1 and line in places]
    ends: list[int] = []  # the smallest end of an increasing row of each length
    before: dict[int, int] = {}  # of a place in `other`, the one before it in its row
    for _, j in pairs:
        at = bisect_left(ends, j)
        ends[at : at + 1] = [j]
        before[j] = ends[at - 1] if at else -1
    origin = {j: i for i, j in pairs}
    found: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append((origin[at], at))
        at = before[at]
    return found[::-1]
