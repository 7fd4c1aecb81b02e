"""How large a PNG is on paper: programs that set it into a page read `pHYs`, which Graphviz does not write."""

from __future__ import annotations

from struct import pack
from zlib import crc32

#: Where the header's chunk ends: behind the signature and the 25 bytes of `IHDR`.
_HEADER = 8 + 25


def with_density(data: bytes, dpi: int) -> bytes:
    """A PNG that says its dots per inch (PNG specification, 11.3.5.3: dots per metre, unit 1)."""
    if b"pHYs" in data[: data.index(b"IDAT")]:
        return data
    dots = round(dpi / 0.0254)
    body = b"pHYs" + pack(">IIB", dots, dots, 1)
    chunk = pack(">I", len(body) - 4) + body + pack(">I", crc32(body))
    return data[:_HEADER] + chunk + data[_HEADER:]
