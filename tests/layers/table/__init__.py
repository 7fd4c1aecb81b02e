"""For each layer: a strategy of arguments and shapes, and what one sample becomes, written anew in plain PyTorch.

Strategies give illegal cases too where there is an oracle: static checking must refuse exactly what it refuses.
Each module holds the `ENTRIES` of a group of layers.
"""

from __future__ import annotations

from tests.layers.table import activation, conv, join, norm, pooling, shaping, slicing, tokens
from tests.layers.table.core import Case, Cases, Entry, Oracle, Refused, Values

GROUPS = (activation, conv, join, norm, pooling, shaping, slicing, tokens)
TABLE: dict[str, Entry] = {name: entry for group in GROUPS for name, entry in group.ENTRIES.items()}
assert len(TABLE) == sum(len(group.ENTRIES) for group in GROUPS), "a layer stands in two groups"

__all__ = ["TABLE", "Case", "Cases", "Entry", "Oracle", "Refused", "Values"]
