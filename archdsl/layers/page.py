"""What a declaration says for the page of its layer: formulas and examples."""

from __future__ import annotations

from archdsl.layers.shape import Shape
from archdsl.records import record


@record
class Let:
    """What names of a formula are: `before, after = pad`, `before = after = 0`, under a condition.

    `value` is an expression of the language. So is `when`, but for `NAME is a list`, `NAME is a number` and
    `NAME is given`; of several for one name, the first holds whose condition does. With `each` it holds for each
    spatial axis by itself, and its names are the sizes along that axis.
    """

    names: str
    value: str
    when: str = ""
    each: bool = False


@record
class Formula:
    """A shape rule: `arrives -> leaves`, and below it what its names are.

    `arrives` is a pattern: `x` is a whole shape, `[c, *n]` names its sizes (`*n` several of them), `|` stands
    between the members of a bundle, and `*xs` is a bundle of any length. `leaves` is an expression of the language
    for a list of sizes, or for a list of such lists. Both know the parameters by their names (an extent is a list, a
    size for each spatial axis; padding in numbers is a list of before and after) and the names of GLOSSARY.
    """

    arrives: str
    leaves: str
    where: tuple[Let, ...] = ()


#: names of formulas that stand for the same in all of them
GLOSSARY = {
    "x": "the shape that arrives, without the batch",
    "xs": "the shapes that arrive",
    "y": "the shape that leaves",
    "c": "the channels; of tokens, the features",
    "n": "the sizes of the other axes",
    "rank": "the number of axes; in a bundle, the most",
    "tokens": "whether tokens arrive, not maps",
    "features": "the axis of the channels, 0; of tokens, that of the features, the last",
    "prod": "the product of a list",
}

#: the formula of a layer that keeps the shape
KEEPS = Formula("x", "x")


class Example:
    """A layer in use: its text in the language, and the shapes that arrive, channels first, without the batch.

    A list is a map. What leaves, what it costs and what it is in PyTorch is computed where it is shown.
    """

    def __init__(self, text: str, *arriving: list[int] | Shape) -> None:
        self.text = text
        self.arriving = tuple(x if isinstance(x, Shape) else Shape(tuple(x)) for x in arriving)

    def __repr__(self) -> str:
        return f"Example({self.text!r}, {', '.join(map(str, self.arriving))})"


def rows(*dims: int) -> Shape:
    """The shape of tokens that arrive in an example: `rows(196, 768)`."""
    return Shape(dims, True)
