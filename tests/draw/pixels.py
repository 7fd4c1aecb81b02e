"""What is wrong with the dots of a PNG."""

from __future__ import annotations

import io
from collections.abc import Iterator

#: Fewer colours than this are a drawing whose fills or letters are not there.
_COLOURS = 8


def flaws(png: bytes) -> Iterator[str]:
    """What no drawing may have, a line each."""
    from PIL import Image, ImageChops

    image = Image.open(io.BytesIO(png)).convert("RGB")
    ground = image.getpixel((0, 0))
    if ground != (255, 255, 255):
        yield f"the ground is {ground}, not white"
    ink = ImageChops.difference(image, Image.new("RGB", image.size, ground)).getbbox()
    if ink is None:
        yield "nothing is drawn"
        return
    left, high, right, low = ink
    if left == 0 or high == 0 or right == image.width or low == image.height:
        yield f"something touches the border: {ink} of {image.size}"
    if (right - left) * (low - high) < 0.5 * image.width * image.height:
        yield f"most of the page is empty: {ink} of {image.size}"
    counts = image.getcolors(image.width * image.height)
    if len(counts) < _COLOURS:
        yield f"there are {len(counts)} colours"
    covered = 1 - max(count for count, _ in counts) / (image.width * image.height)
    if not 0.02 < covered < 0.98:
        yield f"{covered:.1%} of the dots are not ground"
