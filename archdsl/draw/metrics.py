"""How wide a text is in print, known without a font: so a drawing has the same text on every machine."""

from __future__ import annotations

from unicodedata import combining, east_asian_width

#: Advance widths of the characters from U+0020 to U+007E in DejaVu Sans, the widest of the fonts that drawings are
#: written in (Helvetica and Arial are a tenth narrower), in thousandths of the size.
# fmt: off
_REGULAR = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
)
#: The same in DejaVu Sans Bold.
_BOLD = (
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696,
    696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683,
    683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771,
    724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665,
    343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
)
# fmt: on
_OTHERS = {"…": 1000, "‖": 500, "·": 380}
_SIGN = 838  # ×, →, −, ÷, ⊕ and the like
_WIDE = 1000  # an ideograph
_LETTER = 720  # of another script
_FIRST = 0x20

#: From one line of text to the next, as a share of the size.
LINE = 1.17


def width(text: str, size: float, bold: bool = False) -> float:
    """The width of a line of text, in points as `size` is."""
    table = _BOLD if bold else _REGULAR
    known = len(table)
    return size / 1000 * sum(table[n] if 0 <= (n := ord(c) - _FIRST) < known else _other(c) for c in text)


def _other(character: str) -> int:
    if character in _OTHERS:
        return _OTHERS[character]
    if combining(character):
        return 0
    if east_asian_width(character) in ("W", "F"):
        return _WIDE
    return _LETTER if character.isalpha() else _SIGN
