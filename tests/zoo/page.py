"""`specs/README.md`: every model with its figures, made from the specs and from the tables beside this file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.zoo.figures import agrees, as_printed, figured, values
from tests.zoo.lines import python_lines, spec_lines
from tests.zoo.support import SPECS, spec
from tests.zoo.tables import Row, read

PAGE = SPECS / "README.md"

HEAD = """\
# The zoo

{models} models of {specs} specs: what they come to, what their papers print, and what torchvision and timm come to.
`make zoo` holds the models against all of these and prints the time that each takes; `make test` does so for a sample.
The blocks that they share are in [std](std); [docs/library.md](../docs/library.md) shows each of them. This page is
made by `make reference` from the specs and from the tables in [tests/zoo](../tests/zoo), and a test holds it.

- **parameters** are those that are trained; branches that exist in training only have theirs among them.
- **MACs** are multiply-accumulates of convolutions, linear layers and matrix products for one sample in evaluation.
- **printed** is what papers say. It agrees if the computed figure rounds to it. Of {printed} printed figures, those of
  parts among them, {agreeing} do. Where one does not, ✗, the spec follows the architecture, and the second table of the
  spec says why.
- **peer** is the model of torchvision or timm; {peers} models have one, with equal figures. Its weights load into ours by
  the same names (=) or in the order in which its modules run (≈), and the two then compute the same, forwards and
  backwards, as `archdsl verify SPEC --against` shows.
- **spec** is how many lines a reader of the model has before them: the model, its network, the blocks and values that
  it uses, in its file and, behind the +, in those that it imports. **module** is how many the generated module has.
  Blank lines, comments and docstrings are not counted in either.
"""

#: how the peer's weights load
SIGNS = {"same": "=", "names": "=", "order": "≈"}

#: columns of the tables, and how they are aligned
MODELS = {
    "model": "---",
    "input": "---",
    "parameters": "---:",
    "printed": "---:",
    "of the peer": "---:",
    "MACs": "---:",
    "printed ": "---:",
    "of the peer ": "---:",
    "peer": "---",
    "spec": "---:",
    "module": "---:",
}
FIGURES = {
    "model": "---",
    "part": "---",
    "quantity": "---",
    "printed": "---:",
    "computed": "---:",
    "why they differ": "---",
    "source": "---",
}
#: what the first of them has place for, and the words behind it
WHOLE = {"params": ("params", ""), "inference params": ("params", " in evaluation"), "macs": ("macs", "")}


def page() -> str:
    """The whole page."""
    printed, peers = read("paper.csv"), read("peers.csv")
    for row in printed:
        row["agrees"] = "yes" if agrees(row) else ""
    paths = sorted(SPECS.glob("*.arch"))
    parts, models = [], 0
    for path in paths:
        mine = [row for row in printed if row["spec"] == path.name]
        peer = {row["model"]: row for row in peers if row["spec"] == path.name}
        lines = model_lines(path, mine, peer)
        models += len(lines)
        parts += [f"## {path.stem}\n\n[{path.name}]({path.name}): {doc(path)}\n", table(MODELS, lines)]
        shown = [row for row in mine if not stands_alone(row)]
        if shown:
            parts.append(table(FIGURES, map(figure_line, shown)))
    head = HEAD.format(
        models=models,
        specs=len(paths),
        printed=len(printed),
        agreeing=sum(bool(row["agrees"]) for row in printed),
        peers=len({(row["spec"], row["model"]) for row in peers}),
    )
    links = ", ".join(f"[{path.stem}](#{path.stem})" for path in paths)
    return "\n".join([head, links + "\n", *parts])


def doc(path: Path) -> str:
    """The docstring of a spec: its first line, which is one string."""
    return path.read_text(encoding="utf-8").splitlines()[0].strip('"')


def model_lines(path: Path, printed: list[Row], peers: dict[str, Row]) -> list[list[str]]:
    """A line for each model of a spec."""
    text, lines = spec(path), []
    for model in text.models:
        arch = figured(path.name, model)
        mine = [row for row in printed if row["model"] == model and not row["part"]]
        peer = peers.get(model)
        own, imported = spec_lines(text, model)
        lines.append(
            [
                f"`{model}`",
                "×".join(map(str, next(iter(arch.inputs.values())))),
                f"{arch.params:,}",
                beside(mine, "params"),
                f"{int(peer['params']):,}" if peer else "",
                f"{arch.macs:,}",
                beside(mine, "macs"),
                f"{int(peer['macs']):,}" if peer else "",
                f"{SIGNS[peer['keys']]} {peer['peer']}" if peer else "",
                f"{own} + {imported}" if imported else str(own),
                str(python_lines(arch.source())),
            ]
        )
    return lines


def stands_alone(row: Row) -> bool:
    """Whether the first table says all of a figure: of one model, as a whole, and it agrees."""
    one = " " not in row["model"] and not row["part"]
    return one and row["quantity"] in WHOLE and bool(row["agrees"])


def beside(printed: list[Row], quantity: str) -> str:
    """What is printed of a whole model, each figure once."""
    texts = []
    for row in printed:
        column, words = WHOLE.get(row["quantity"], ("", ""))
        if column == quantity:
            texts.append(f"{row['printed']}{words}{'' if row['agrees'] else ' ✗'}")
    return "; ".join(dict.fromkeys(texts))


def figure_line(row: Row) -> list[str]:
    """A printed figure beside the computed one."""
    return [
        ", ".join(f"`{model}`" for model in row["model"].split()),
        ", ".join(f"`{part}`" for part in row["part"].split()),
        row["quantity"],
        row["printed"],
        as_printed(values(row), row["computed"] or row["printed"]),
        row["reason"],
        row["source"],
    ]


def table(columns: dict[str, str], rows: Iterable[list[str]]) -> str:
    """A Markdown table."""
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (columns, columns.values(), *rows))
