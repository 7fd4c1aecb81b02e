"""The tables beside this file: adding a model to the zoo is adding rows to them.

`peers.csv`, which model equals which one of torchvision or timm. In the order of the specs' names and of their models.

- `peer`: `torchvision:NAME` or `timm:NAME`; a name with dots leads to a constructor within the library
- `settings`: keyword arguments of its constructor, a JSON object
- `keys`: `same`, those of state_dict() are equal, and so is their order; `names`, they are equal; `order`, the weights
  are equal in the order in which the modules run
- `input`: the side of an image
- `params`, `macs`: what the peer comes to, as measured; `pytest tests/zoo/test_peers.py --update` writes them

`paper.csv`, every figure that a paper prints.

- `model`: several are compared with one another
- `part`: paths of modules as `archdsl summary` shows them; empty for all of the network
- `quantity`: one of `QUANTITIES` in `figures.py`
- `printed`: as it stands there, its digits and its unit
- `computed`, `reason`: both are empty where the computed figure rounds to the printed one, and else they say what it is,
  and why; a reason of `reasons.py` is tried out
- `source`: authors, year, table

`sample.csv`, the models that `make test` looks at in depth, of each spec at least one; the others are slow.

- `step`: what the sides of an image are a multiple of; empty if the network takes no images of any size
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(name: str, rows: list[Row]) -> None:
    with (HERE / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def sample() -> dict[tuple[str, str], Row]:
    """By spec and model."""
    return {(row["spec"], row["model"]): row for row in read("sample.csv")}


def each(
    rows: list[Row], *more: str, quick: bool = False, heavy: Collection[tuple[str, str]] = ()
) -> list[Any]:
    """Parameters of a test, a row each; those that are not in the sample, or `heavy`, are slow unless all are `quick`."""
    chosen = sample().keys() - set(heavy)
    return [
        pytest.param(
            row,
            id=":".join([row["spec"], row["model"], *(row[column] for column in more if row[column])]),
            marks=() if quick or (row["spec"], row["model"]) in chosen else pytest.mark.slow,
        )
        for row in rows
    ]
