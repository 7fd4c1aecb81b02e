"""All kinds of mutation, in the order of the table."""

from __future__ import annotations

from tests.mutation import flow_kinds, habit_kinds, name_kinds, shape_kinds, syntax_kinds, value_kinds
from tests.mutation.kinds import GROUPS, KINDS, Kind

DECLARED = (syntax_kinds, habit_kinds, name_kinds, value_kinds, shape_kinds, flow_kinds)


def catalogue() -> list[Kind]:
    """Group by group, and in a group as the files declare them."""
    return sorted(KINDS.values(), key=lambda kind: GROUPS.index(kind.group))
