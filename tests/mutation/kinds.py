"""The kinds of mutation. Each is declared once, by `@kind`, beside the others of its group (`*_kinds.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.mutation.page import Edit, Page

#: A function that gives every edit of a kind that a spec has a place for.
Edits = Callable[[Page], Iterator[Edit]]

GROUPS = ("syntax", "names", "values", "shapes", "flow")


@dataclass(frozen=True, slots=True)
class Kind:
    """A way of getting a spec wrong.

    `illegal`: what comes out is no program of the language, or the same program; without it, a legal one may.
    """

    name: str
    group: str
    illegal: bool
    about: str
    edits: Edits


KINDS: dict[str, Kind] = {}


def kind(group: str, *, illegal: bool) -> Callable[[Edits], Edits]:
    """Declares a kind: its name is that of the function, what it does the docstring."""
    assert group in GROUPS

    def declare(edits: Edits) -> Edits:
        name = edits.__name__.strip("_").replace("_", "-")
        assert name not in KINDS, name
        assert edits.__doc__, name
        KINDS[name] = Kind(name, group, illegal, edits.__doc__.strip(), edits)
        return edits

    return declare
