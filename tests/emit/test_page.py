"""`docs/generated_code.md` shows the module that its spec makes; `--update` rewrites it."""

from __future__ import annotations

import re
from pathlib import Path

import archdsl

PAGE = Path(__file__).parent.parent.parent / "docs" / "generated_code.md"


def test_module(update: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    spec = re.search(r"<!-- tiny\.arch -->\n```arch\n(.*?)```", page, re.DOTALL)
    module = re.compile(r"(<!-- tiny\.py -->\n```python\n)(.*?)(```)", re.DOTALL)
    assert spec is not None
    source = archdsl.loads(spec[1], "tiny.arch").source()
    source = source.replace(f"archdsl {archdsl.__version__} ", "archdsl VERSION ")
    wanted = module.sub(lambda found: found[1] + source + found[3], page)
    if update:
        PAGE.write_text(wanted, encoding="utf-8")
    assert wanted == PAGE.read_text(encoding="utf-8"), "read the difference, then run with --update"
