"""`docs/zoo.md`: every model of `specs/` with its figures, made from the specs and from the tables beside this file."""

from __future__ import annotations

from pathlib import Path

from archdsl.api import open_spec
from tests.zoo.figures import as_printed, values
from tests.zoo.support import SPECS
from tests.zoo.tables import read

PAGE = SPECS.parent / "docs" / "zoo.md"

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
        computed = as_printed(values(row), row["computed"] or row["printed"])
        agrees = "yes" if computed == row["printed"] else "no"
        cells = (
            f"`{row['model']}` {row['part']}",
            row["quantity"],
            row["printed"],
            computed,
            agrees,
            row["source"],
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n" + PRINTED + "\n".join(rows) + "\n"
