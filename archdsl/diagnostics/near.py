"""Names that come near one: what "did you mean" offers."""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_letters, digits

#: no longer word is compared: the work grows with the square
_LONGEST = 60
#: of more names, those are looked for that are a letter away
MOST_COMPARED = 500
_LETTERS = ascii_letters + digits + "_"
#: a shorter word is no abbreviation
_ABBREVIATED = 3


def distance(a: str, b: str, most: int) -> int:
    """Letters to add, leave out, exchange or swap with their neighbour to make one word the other; `most + 1` if
    more than `most` (Damerau and Levenshtein; "optimal string alignment")."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, last[j - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
    return row[-1] if row[-1] <= most else most + 1


def nearest(name: str, names: Iterable[str], otherwise: Iterable[str] = ()) -> list[str]:
    """The one name that was probably meant, or two that are equally near; [] if nothing is.

    A third of the letters may differ. Capitals and underscores count little. Names of `otherwise` are of another kind
    than what is wanted: they count as one letter further away, and are not offered for words of three letters or
    less. An abbreviation of three letters or more is near what it begins.
    """
    if not 1 < len(name) <= _LONGEST:
        return [other for other in sorted(set(names)) if other != name and other.lower() == name.lower()]
    plain = _plain(name)
    best: list[tuple[float, str]] = []
    for penalty, pool in enumerate((names, otherwise)):
        for other in _compared(name, set(pool)):
            if other == name or len(other) > _LONGEST or (len(other) == 1 and len(name) > 1):
                continue
            most = max(1, max(len(plain), len(other)) // 3)
            close = abs(len(other) - len(name)) <= most + other.count("_") + name.count("_")
            away = distance(plain, _plain(other), most) if close else most + 1
            near = away <= most
            if not near and len(plain) >= _ABBREVIATED and other.startswith(plain):
                near, away = True, _ABBREVIATED
            if near and (penalty == 0 or len(plain) > _ABBREVIATED):
                best.append((away + penalty + (0 if other[:1] == name[:1] else 0.5), other))
    if not best:
        return []
    least = min(best)[0]
    found = sorted(other for rank, other in best if rank == least)
    if len(found) > 2:  # several that are alike: that with most letters in common at its beginning
        shared = {other: _shared(name, other) for other in found}
        found = [other for other in found if shared[other] == max(shared.values())]
    if len(found) > 2:
        found = [other for other in found if len(other) == min(map(len, found))]
    return found if len(found) <= 2 else []


def _compared(name: str, names: set[str]) -> set[str]:
    """Those of many names that are a letter away, or all of few: to compare with each takes long."""
    if len(names) <= MOST_COMPARED:
        return names
    found: set[str] = set()
    for at in range(len(name) + 1):
        before, behind = name[:at], name[at:]
        edits = [before + behind[1:], before + behind[1:2] + behind[:1] + behind[2:]]
        edits += [before + letter + rest for letter in _LETTERS for rest in (behind, behind[1:])]
        found.update(names.intersection(edits))
    return found


def did_you_mean(name: str, names: Iterable[str], otherwise: Iterable[str] = ()) -> str:
    """A help line with what was probably meant, or ""."""
    found = nearest(name, names, otherwise)
    return f"did you mean {' or '.join(f'`{other}`' for other in found)}?" if found else ""


def _plain(name: str) -> str:
    return name.lower().replace("_", "") or name


def _shared(a: str, b: str) -> int:
    """Letters that two words have in common at their beginning."""
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count
