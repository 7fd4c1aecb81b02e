"""Every message that the compiler has, as a user sees it: source and rendered message together, a file a case.

To add a case, write its source into `<CODE>-<case>.txt` (the form is in `shelf.py`), then

    python -m pytest tests/errors -k E502-members --update

and read what it wrote under the ruler.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archdsl.diagnostics.codes import CODES
from tests.errors.shelf import RULER, SHELF, codes, read, run

PATHS = sorted(SHELF.rglob("*.txt"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.relative_to(SHELF).with_suffix("").as_posix())
def test_message(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: bool) -> None:
    case = read(path)
    printed = run(case, tmp_path, monkeypatch)
    assert "Traceback" not in printed and "internal error" not in printed
    if update:
        path.write_text(f"{case.above}{RULER}\n{printed}", encoding="utf-8")
    assert path.stem.split("-")[0] in codes(printed)
    assert read(path).printed == printed, f"`pytest tests/errors -k {path.stem} --update`, and read it"


def test_names() -> None:
    for path in PATHS:
        assert re.fullmatch(r"[EW]\d{3}-[a-z0-9-]+", path.stem) and path.stem[:4] in CODES, path.name


def test_every_code_has_a_case() -> None:
    shown = {path.stem[:4] for path in PATHS}
    assert sorted(set(CODES) - shown) == []
