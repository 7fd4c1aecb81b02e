"""`docs/zoo.md`: every model of `specs/` with its figures, made from the specs and from the tables beside this file."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from archdsl.api import Architecture, open_spec
from tests.zoo.support import SPECS, architecture

HERE = Path(__file__).parent
PAGE = SPECS.parent / "docs" / "zoo.md"
Row = dict[str, str]

HEAD = """# The zoo

The models in `specs/`, with what they come to. Parameters are those that are trained, auxiliary classifiers
included; MACs are multiply-accumulates of convolutions, linear layers and matrix products for one sample in evaluation. The tests hold both
against torchvision and timm where these have the model. This page is made from the specs: do not edit it.
"""

PRINTED = """
## What papers print

A printed figure agrees if the computed one rounds to it. Where it does not, the spec follows the architecture.

| model | quantity | printed | computed | agrees | source |
| --- | --- | ---: | ---: | --- | --- |
"""


def read(name: str) -> list[Row]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def value(row: Row) -> int:
    """The computed figure of a row of `paper.csv`."""
    arch = architecture(row["spec"], row["model"])
    if row["quantity"] == "inference params":
        return inference_params(arch)
    return {"params": arch.params, "macs": arch.macs}[row["quantity"]]


def inference_params(arch: Architecture) -> int:
    """Parameters without those of training-only branches."""
    return arch.params - sum(
        layer["params"] for layer in arch.summary()["layers"] if layer["path"].startswith("aux")
    )


def as_printed(value: int, printed: str) -> str:
    """`value` with the unit and the digits of a printed figure."""
    unit = {"K": 10**3, "M": 10**6, "G": 10**9}[printed[-1]]
    exponent = Decimal(printed[:-1]).as_tuple().exponent
    assert isinstance(exponent, int)
    return f"{(Decimal(value) / unit).quantize(Decimal(1).scaleb(exponent), ROUND_HALF_UP)}{printed[-1]}"


def doc(path: Path) -> str:
    """The docstring of a spec: its first line, which is one string."""
    return path.read_text(encoding="utf-8").splitlines()[0].strip('"')


def page() -> str:
    lines = [HEAD]
    for path in sorted(SPECS.glob("*.arch")):
        spec = open_spec(path)
        lines += [
            f"\n## {path.name}\n\n{doc(path)}\n",
            "| model | input | parameters | MACs |",
            "| --- | --- | ---: | ---: |",
        ]
        for model in spec.models:
            arch = spec.architecture(model)
            shape = "×".join(map(str, next(iter(arch.inputs.values()))))
            lines.append(f"| `{model}` | {shape} | {arch.params:,} | {arch.macs:,} |")
    rows = []
    for row in read("paper.csv"):
        computed = as_printed(value(row), row["computed"] or row["printed"])
        agrees = "yes" if computed == row["printed"] else "no"
        cells = (f"`{row['model']}`", row["quantity"], row["printed"], computed, agrees, row["source"])
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n" + PRINTED + "\n".join(rows) + "\n"
