"""Names of keys with places for parts of them: what a map file and `--skip` are written in.

`*` stands for anything and `{name}` for one part without a dot, or some of its letters. A key between double quotes is
written as in JSON, and nothing in it stands for something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from archdsl.records import record

ARROW = "->"
#: Stands for a key that is left out.
NOTHING = "-"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(rf"\s*({_QUOTED}|[^\s\"#]+)\s*->\s*({_QUOTED}|[^\s\"#]+)\s*(?:#.*)?")
_PLAIN = re.compile(r"[^\s\"#*{}]+")


class MapError(Exception):
    """A map cannot be read, or does not fit. `help` says what to do."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


class Pattern:
    """Keys that are written alike."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stars = 0
        self.names: list[str] = []
        written = ""
        self._literal = _unquoted(text)
        for part in re.split(r"(\*|\{\w*\})", text) if self._literal is None else [self._literal]:
            if self._literal is not None:
                written = re.escape(part)
            elif part == "*":
                self.stars += 1
                written += f"(?P<star{self.stars}>.*)"
            elif part[:1] == "{" and part[-1:] == "}":
                name = part[1:-1]
                if not name.isidentifier() or name.startswith("star"):
                    raise MapError(f"`{part}` in `{text}` is no name in braces")
                written += f"(?P={name})" if name in self.names else f"(?P<{name}>[^.]+)"
                self.names.append(name)
            else:
                written += re.escape(part)
        self._form = re.compile(written)

    @property
    def places(self) -> set[str]:
        return {*self.names, *(f"star{number + 1}" for number in range(self.stars))}

    def match(self, key: str) -> dict[str, str] | None:
        """What stands in its places in a key, or None."""
        found = self._form.fullmatch(key)
        return None if found is None else found.groupdict()

    def fill(self, values: dict[str, str]) -> str:
        """The key with these values in its places."""
        if self._literal is not None:
            return self._literal
        stars = iter(range(1, self.stars + 1))

        def value(found: re.Match[str]) -> str:
            return values[f"star{next(stars)}" if found[0] == "*" else found[0][1:-1]]

        return re.sub(r"\*|\{\w+\}", value, self.text)


def _unquoted(text: str) -> str | None:
    """The key between quotes, or None where there are none. Raises MapError."""
    if not text.startswith('"'):
        return None
    try:
        return str(json.loads(text))
    except ValueError:
        raise MapError(f"{text} is no string of JSON") from None


def quoted(key: str) -> str:
    """A key as a map has it: between quotes where it has letters that stand for something else."""
    return key if _PLAIN.fullmatch(key) and key != NOTHING else json.dumps(key)


@record
class Line:
    """`theirs -> ours`; None on either side leaves keys of the other out. `place` is where it is written."""

    theirs: Pattern | None
    ours: Pattern | None
    place: str


def read_map(text: str, name: str) -> list[Line]:
    """The lines of a map, or of a JSON object from theirs to ours or null. Raises MapError."""
    if text.lstrip().startswith("{"):
        return [_line(theirs, ours, name) for theirs, ours in _pairs(text, name)]
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        place = f"{name}:{number}"
        found = _LINE.fullmatch(line)
        if found is None:
            raise MapError(f"{place}: `{line.strip()[:100]}` is not `theirs {ARROW} ours`")
        theirs, ours = (None if part == NOTHING else part for part in found.groups())
        lines.append(_line(theirs, ours, place))
    return lines


def _pairs(text: str, name: str) -> Iterable[tuple[str, str | None]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise MapError(f"`{name}` is no JSON object") from None
    if isinstance(found.get("map"), dict):  # as archdsl writes it
        found = found["map"]
    if not all(value is None or isinstance(value, str) for value in found.values()):
        raise MapError(f"`{name}` is no JSON object of keys, theirs to ours")
    pairs: Iterable[tuple[str, str | None]] = found.items()
    return pairs


def _line(theirs: str | None, ours: str | None, place: str) -> Line:
    try:
        left = None if theirs is None else Pattern(theirs)
        right = None if ours is None else Pattern(ours)
    except MapError as error:
        raise MapError(f"{place}: {error.message}") from None
    if left is not None and right is not None and not right.places <= left.places:
        missing = min(right.places - left.places)
        what = "`*`" if missing.startswith("star") else f"`{{{missing}}}`"
        raise MapError(f"{place}: {what} stands for nothing in `{left.text}`")
    if left is None and right is None:
        raise MapError(f"{place}: one side at least is a key")
    return Line(left, right, place)
