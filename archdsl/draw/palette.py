"""Colours and fonts.

The fills get lighter from group to group in even steps, so that they are told apart in grey print, and differ in hue
so that they are in colour, also by eyes that see two hues alone; all carry black text. tests/draw/test_palette.py
holds them to that, with colour-blindness as Machado et al. simulate it (IEEE TVCG 15, 2009).
"""

from __future__ import annotations

#: By group of layers.
FILLS = {
    "joins": "#FFFFFF",
    "shape": "#F4F4F4",
    "activation": "#FEEA91",
    "regularisation": "#DFDFDF",
    "normalisation": "#C3DF87",
    "extern": "#84D6E1",
    "tokens": "#CCB6E8",
    "convolution": "#7CB9F0",
    "attention": "#EB8BB4",
    "pooling": "#DB8851",
}
OTHER = "#599F83"  # groups that have no colour of their own
PLAIN = "#FFFFFF"
END = "#DDE3E9"

#: Clusters, by depth: a light frame in a white one and so on.
CLUSTERS = ("#FFFFFF", "#F4F6F8", "#FFFFFF", "#F4F6F8")
LINE = "#3C4650"
FRAME = "#A5AEB8"
FAINT = "#4F5A65"  # small letters on white
INK = "#14181C"  # small letters on colours

#: Fills and lines of what came, went, changed and stayed, in drawings of a difference. A sign says so too, and what
#: went is dashed, so that nothing hangs on the colour.
CHANGES = {"+": "#BFE5C7", "−": "#F3B9B5", "~": "#FBE2A0", "=": "#F1F1F1"}
CHANGED_LINES = {"+": "#1B6E34", "−": "#A31621", "~": "#8A5A00"}

#: Shares of a cost, from below each of these: the darker the more.
SHARES = (0.01, 0.05, 0.1, 0.25, 1.0)
SHADES = ("#FCF9F3", "#FAE9CC", "#F6D29C", "#EFB36D", "#E38C43")

#: Metric-compatible with each other; what is at hand is taken.
FONT = "Helvetica,Arial,Liberation Sans,DejaVu Sans,sans-serif"
SIZE = 11
SMALL = 9


def fill(group: str) -> str:
    """The colour of a group of layers."""
    return CHANGES.get(group) or FILLS.get(group, OTHER if group else PLAIN)


def line(change: str, colour: str = LINE) -> str:
    """The colour of the lines of what has changed so; of other things as it was."""
    return CHANGED_LINES.get(change, colour)


def shade(share: float) -> str:
    """The colour of a share of the whole, from 0 to 1."""
    return next((colour for most, colour in zip(SHARES, SHADES, strict=True) if share < most), SHADES[-1])
