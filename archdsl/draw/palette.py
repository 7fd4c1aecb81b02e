"""Colours and fonts. The fills are light, tell groups of layers apart for colour-blind eyes and in grey print
(after Paul Tol's "light" scheme), and carry black text."""

from __future__ import annotations

#: By group of layers.
FILLS = {
    "convolution": "#A9C8EC",
    "pooling": "#F4B183",
    "normalisation": "#D5DE8A",
    "activation": "#F3E3A0",
    "regularisation": "#E3E3E3",
    "attention": "#F7B9C6",
    "tokens": "#D9CDE8",
    "shape": "#ECECEC",
    "joins": "#FFFFFF",
    "extern": "#BDE8F2",
}
OTHER = "#CFE8DC"  # groups that have no colour of their own
PLAIN = "#FFFFFF"
END = "#9AD3BE"

#: Clusters, by depth: a light frame in a white one and so on.
CLUSTERS = ("#FFFFFF", "#F4F6F8", "#FFFFFF", "#F4F6F8")
LINE = "#3C4650"
FRAME = "#A5AEB8"
FAINT = "#5F6B77"
SHARED = "#8A1C4A"  # badges of shared weights

#: Fills and lines of what came, went, changed and stayed, in drawings of a difference. A sign says so too, and what
#: went is dashed, so that nothing hangs on the colour.
CHANGES = {"+": "#BFE5C7", "−": "#F3B9B5", "~": "#FBE2A0", "=": "#F1F1F1"}
CHANGED_LINES = {"+": "#1B6E34", "−": "#A31621", "~": "#8A5A00"}

#: Metric-compatible with each other; what is at hand is taken.
FONT = "Helvetica,Arial,sans-serif"
SIZE = 11
SMALL = 9


def fill(group: str) -> str:
    """The colour of a group of layers."""
    return CHANGES.get(group) or FILLS.get(group, OTHER if group else PLAIN)


def line(change: str, colour: str = LINE) -> str:
    """The colour of the lines of what has changed so; of other things as it was."""
    return CHANGED_LINES.get(change, colour)
