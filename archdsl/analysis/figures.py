"""Numbers as people read them."""

from __future__ import annotations

_UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "K"))


def human(number: int) -> str:
    """Three digits and a unit of powers of 1000: `7.98M`. Small numbers are written out, nothing is `-`."""
    if number < 1000:
        return str(number) if number else "-"
    for unit, letter in reversed(_UNITS):
        for digits in (2, 1, 0):
            text = f"{number / unit:.{digits}f}"
            if len(text.replace(".", "")) <= 3:
                return text + letter
    return f"{number / 10**12:.0f}T"


def share(part: int, whole: int) -> str:
    """A part in percent, `-` for nothing."""
    if not (part and whole):
        return "-"
    return f"{100 * part / whole:.1f}%" if 2000 * part >= whole else "<0.1%"
