"""Comments that say what shape leaves a line: numbers where all instances agree, letters where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from archdsl.emit.arguments import Solver
from archdsl.emit.code import flat
from archdsl.emit.formulas import constant_of, printed, same
from archdsl.emit.names import numbered
from archdsl.emit.rows import Tensors
from archdsl.layers import Shape

#: A size in each call of each instance; None where an instance has none.
Sizes = tuple[int | None, ...]

_SPATIAL = {1: "L", 2: "HW", 3: "DHW"}


class ShapeNotes:
    """The comments of one class. Equal letters are equal sizes along an axis; those of what arrives come first."""

    def __init__(self, solver: Solver, arriving: Iterable[Tensors], calls: Sequence[int] = ()) -> None:
        """`calls` are those of each instance."""
        self._solver = solver
        self._calls = calls
        self._letters: dict[tuple[str, Sizes], str] = {}
        self._arrived: Counter[str] | None = None  # how often each letter stands for a size of what arrives
        self._parts: dict[str, list[tuple[Sizes, str]]] = {}
        for tensors in arriving:
            self.of(tensors)
        self._arrived = Counter(letter for letter, _ in self._letters)

    def of(self, tensors: Tensors) -> str:
        """`[64, H, W]`; nothing where the number of axes differs."""
        shapes = [tensor.shape for calls in tensors for tensor in calls]
        if not shapes or len({(len(s.dims), s.tokens) for s in shapes}) > 1:
            return ""
        first = shapes[0]
        return "[" + ", ".join(self._size(tensors, first, axis) for axis in range(len(first.dims))) + "]"

    def _size(self, tensors: Tensors, first: Shape, axis: int) -> str:
        sizes = self._sizes(tensors, axis)
        if axis == first.channel_axis:
            one = [{tensor.shape.dims[axis] for tensor in calls} for calls in tensors]
            if all(len(found) < 2 for found in one):
                formula = self._solver.about(tuple(next(iter(found), None) for found in one), tensors)
                if formula is not None:
                    return flat(printed(formula))
        value = constant_of(sizes)
        if value is not None:
            return str(value)
        return self._letter(self._wish(tensors, first, axis), sizes)

    def _sizes(self, tensors: Tensors, axis: int) -> Sizes:
        found: list[int | None] = []
        for i, calls in enumerate(tensors):
            found += [int(tensor.shape.dims[axis]) for tensor in calls]
            if not calls and self._calls:
                found += [None] * self._calls[i]
        return tuple(found)

    def _letter(self, wish: str, sizes: Sizes) -> str:
        """The letter of a size that varies: one that it has already, a fraction of one, or a new one."""
        key = (wish, sizes)
        found = self._letters.get(key)
        if found is None and None in sizes:
            known = (
                text
                for (letter, other), text in self._letters.items()
                if letter == wish and same(other, sizes)
            )
            found = next(known, None)
        if found is None:
            found = next((text for other, text in self._parts.get(wish, ()) if same(other, sizes)), None)
        if found is None:
            found = self._new(wish)
            parts = self._parts.setdefault(wish, [])
            for k in (2, 4, 8, 16, 32):
                if all(size is None or size % k == 0 for size in sizes):
                    parts.append((tuple(s if s is None else s // k for s in sizes), f"{found} // {k}"))
                parts.append((tuple(s if s is None else s * k for s in sizes), f"{k} * {found}"))
            self._letters[key] = found
        return found

    def _new(self, wish: str) -> str:
        """`H`, then `H2` of another tensor that arrives; a size that is made here is `H_out`, as in PyTorch's pages."""
        count = sum(letter == wish for letter, _ in self._letters)
        before = self._arrived[wish] if self._arrived is not None else 0
        if before or (self._arrived is not None and wish in "DHWL"):
            return numbered(f"{wish}_out", count - before + 1)
        return numbered(wish, count + 1)

    def _wish(self, tensors: Tensors, shape: Shape, axis: int) -> str:
        if axis == shape.channel_axis:
            return "C"
        letters = _SPATIAL.get(len(shape.dims) - 1)
        if not shape.tokens:
            return letters[axis - 1] if letters else "S"
        if letters and all(
            (letter, self._sizes(tensors, i)) in self._letters for i, letter in enumerate(letters)
        ):
            return letters[axis]  # the axes of a map, with the features behind
        return "N" if axis == len(shape.dims) - 2 else "G"
