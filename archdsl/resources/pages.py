"""The pages of the codes of the catalogue."""

from __future__ import annotations

from archdsl.diagnostics.page import Page, read_page
from archdsl.resources.rooms import page_text


def page(code: str) -> Page:
    """The page of a code."""
    return read_page(page_text(code))
