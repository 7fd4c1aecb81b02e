"""Which slots have one formula, and which are of one kind."""

from __future__ import annotations

from archdsl.emit.formulas import Vector
from archdsl.emit.template import Slot


def key_of(vector: Vector, slot: Slot | None = None) -> object:
    """Vectors are equal if their numbers are, kinds included. A padding is equal to nothing else by chance."""
    return vector, tuple(map(type, vector)), slot is not None and is_padding(slot)


def role(slot: Slot) -> str:
    """What a number is for: the channels of what leaves have several names."""
    return "out_channels" if slot.name in ("num_features", "out_features") else slot.name


def is_padding(slot: Slot) -> bool:
    return slot.name == "padding"
