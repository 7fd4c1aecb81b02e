"""What the repository has of `.arch` texts is in canonical layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.formatting.formatting import formatted
from archdsl.source import Source
from tests.formatting.texts import SPECS, blocks, named


@pytest.mark.parametrize("path", SPECS, ids=named)
def test_spec(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert formatted(Source(path.name, text)) == text, "`archdsl fmt specs` mends it"


@pytest.mark.parametrize("text", list(blocks()))
def test_block_of_a_page(text: str) -> None:
    assert formatted(Source("<page>", text)) == text
