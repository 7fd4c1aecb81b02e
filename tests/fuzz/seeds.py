"""Where the corpus comes from: every short program that the repository has, in its pages, its tables and its specs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST = 2000
BLOCK = re.compile(r"^```arch\S*\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: what tells a program from another string
TELLS = re.compile(r"\b(network|block|model|let|def|extern|share|import)\b[^\n]*[{=(]|->")


def seeds() -> Iterator[str]:
    """All of them, in the order of their files; the same text may come again."""
    for path in sorted((ROOT / "specs").rglob("*.arch")) + sorted((ROOT / "tests").rglob("*.arch")):
        yield path.read_text(encoding="utf-8")
    pages = [
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "archdsl/diagnostics/pages").glob("*.md"),
    ]
    for path in sorted(pages):
        yield from BLOCK.findall(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and TELLS.search(node.value):
                yield node.value


def short() -> list[str]:
    """Those that are short enough, each once."""
    return list(dict.fromkeys(text for text in seeds() if len(text.encode("utf-8", "replace")) <= LONGEST))
