"""Texts before and behind `archdsl fmt`, one file each; `--update` rewrites what is behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.formatting.formatting import formatted
from archdsl.formatting.style import WIDTH
from archdsl.source import Source

CASES = Path(__file__).parent / "cases"
LINE = "=" * 20 + " formatted " + "=" * 20 + "\n"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.txt")), ids=lambda path: path.stem)
def test_case(path: Path, update: bool) -> None:
    before, _, expected = path.read_text(encoding="utf-8").partition(LINE)
    found = formatted(Source(path.name, before))
    if update:
        path.write_text(before + LINE + found, encoding="utf-8")
    else:
        assert found == expected
    assert formatted(Source(path.name, found)) == found
    code = [line.partition("  #")[0] for line in found.splitlines() if not line.startswith('"')]
    assert max(map(len, code)) <= WIDTH
