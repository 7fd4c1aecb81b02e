"""Comments that say what shape leaves a line: numbers where all instances agree, letters where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from archdsl.emit.arguments import Solver
from archdsl.emit.code import flat
from archdsl.emit.expand import Tensors
from archdsl.emit.formulas import constant_of, printed
from archdsl.emit.names import numbered
from archdsl.layers import Shape

_SPATIAL = {1: "L", 2: "HW", 3: "DHW"}


class ShapeNotes:
    """The comments of one class. Equal letters are equal sizes along an axis; those of what arrives come first."""

    def __init__(self, solver: Solver, arriving: Iterable[Tensors]) -> None:
        self._solver = solver
        self._letters: dict[tuple[str, tuple[int, ...]], str] = {}
        self._arrived: Counter[str] | None = None  # how often each letter stands for a size of what arrives
        self._parts: dict[str, list[tuple[tuple[int, ...], str]]] = {}
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
        sizes = tuple(tensor.shape.dims[axis] for calls in tensors for tensor in calls)
        if axis == first.channel_axis:
            one = [{tensor.shape.dims[axis] for tensor in calls} for calls in tensors]
            if all(len(found) == 1 for found in one):
                formula = self._solver.about(tuple(size for found in one for size in found), tensors)
                if formula is not None:
                    return flat(printed(formula))
        value = constant_of(sizes)
        if value is not None:
            return str(value)
        return self._letter(self._wish(tensors, first, axis), tuple(int(size) for size in sizes))

    def _letter(self, wish: str, sizes: tuple[int, ...]) -> str:
        """The letter of a size that varies: one that it has already, a fraction of one, or a new one."""
        key = (wish, sizes)
        found = self._letters.get(key)
        if found is None:
            found = next((text for other, text in self._parts.get(wish, ()) if other == sizes), None)
        if found is None:
            found = self._new(wish)
            parts = self._parts.setdefault(wish, [])
            for k in (2, 4, 8, 16, 32):
                if all(size % k == 0 for size in sizes):
                    parts.append((tuple(size // k for size in sizes), f"{found} // {k}"))
                parts.append((tuple(size * k for size in sizes), f"{k} * {found}"))
            self._letters[key] = found
        return found

    def _new(self, wish: str) -> str:
        """`H`, then `H2` of another tensor that arrives; a size that is made here is `H_out`, as in PyTorch's pages."""
        count = sum(letter == wish for letter, _ in self._letters)
        before = self._arrived[wish] if self._arrived is not None else 0
        if before:
            return numbered(f"{wish}_out", count - before + 1)
        return numbered(wish, count + 1)

    def _wish(self, tensors: Tensors, shape: Shape, axis: int) -> str:
        if axis == shape.channel_axis:
            return "C"
        letters = _SPATIAL.get(len(shape.dims) - 1)
        if not shape.tokens:
            return letters[axis - 1] if letters else "S"
        if letters and all(
            (letter, tuple(int(t.shape.dims[i]) for calls in tensors for t in calls)) in self._letters
            for i, letter in enumerate(letters)
        ):
            return letters[axis]  # the axes of a map, with the features behind
        return "N" if axis == len(shape.dims) - 2 else "G"
