"""The table of `docs/ecosystem.md` is that of the tests; `--update` rewrites it."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("torch")

from tests.ecosystem.networks import ROOT
from tests.ecosystem.properties import CHEAP, EXCEPTIONS, PROPERTIES
from tests.ecosystem.test_distributed import WAYS

PAGE = ROOT / "docs/ecosystem.md"
_TABLE = re.compile(r"(?<=<!-- table -->\n).*(?=<!-- end -->)", re.DOTALL)


def table() -> str:
    rows = ["| | what is held | the six | each family, but |", "| --- | --- | --- | --- |"]
    for name, held in PROPERTIES.items():
        doc = (held.__doc__ or "").strip().split("\n")[0]
        but = "; ".join(f"`{model}`: {why}" for (model, where), why in EXCEPTIONS.items() if where == name)
        rows.append(f"| {name} | {doc} | {'each run' if name in CHEAP else 'on demand'} | {but or '–'} |")
    for way in WAYS:
        what = "Two gloo processes: forward and gradients are those of one process."
        if way == "FSDP2":
            what += " Each instance of a block's class is sharded by itself."
        rows.append(f"| {way} | {what} | on demand | – |")
    return "\n".join(rows) + "\n"


def test_page(update: bool) -> None:
    text = PAGE.read_text(encoding="utf-8")
    wanted = _TABLE.sub(lambda _: table(), text)
    if update:
        PAGE.write_text(wanted, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == wanted, "docs/ecosystem.md has drifted: `make reference`"
