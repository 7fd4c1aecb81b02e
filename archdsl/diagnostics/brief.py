"""Messages of a length that can be read, whatever of a text is quoted in them."""

from __future__ import annotations

import re

#: Characters of a quotation within a message, and of a message.
QUOTED, MESSAGE = 100, 1000

_QUOTATION = re.compile(rf"`[^`]{{{QUOTED},}}`")


def brief(text: str) -> str:
    """The text; of a quotation that is too long the beginning, of a text that is too long both ends."""
    if len(text) <= QUOTED:
        return text
    if "`" in text:
        text = _QUOTATION.sub(lambda found: f"{found[0][: QUOTED - 1]}…`", text)
    if len(text) <= MESSAGE:
        return text
    half = MESSAGE // 2
    return f"{text[:half]} … {text[-half:]}"
