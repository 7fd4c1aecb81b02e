"""The specs of the repository, and the code in its documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPECS = sorted(path for folder in ("specs", "docs") for path in (ROOT / folder).rglob("*.arch"))
#: Without errors.md, which is made of the pages of the codes, and does not tell wrong examples from right ones.
PAGES = sorted(
    {
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "archdsl" / "diagnostics" / "pages").glob("*.md"),
    }
    - {ROOT / "docs" / "errors.md"}
)
_CODE = re.compile(r"^( *)```arch\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks() -> Iterator[object]:
    """The whole files in the pages that are right."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in _CODE.finditer(text):
            line = text[: match.start()].count("\n") + 2
            code = "".join(each.removeprefix(match[1]) for each in match[2].splitlines(keepends=True))
            yield pytest.param(code, id=f"{page.name}:{line}")
