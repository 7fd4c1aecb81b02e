"""The reference as Markdown: `docs/layers.md`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from archdsl.layers.page import GLOSSARY
from archdsl.manual.entry import Entry, Parameter, Sample
from archdsl.manual.wording import NO_COST, costs, counts, flow, formula_lines, support, used_by

_PREFACE = """\
# Layers

The built-in layers, the initialisers of their weights, and the words that they take. This page is made from the
declarations in `archdsl/layers/` by `make reference`; a test holds it against them. `archdsl layers NAME` prints one
entry.

**Shapes** are written without the batch: a *map* is `[channels, …]` with up to three spatial axes, *tokens* are
`[…, positions, features]`. The 1-, 2- or 3-D form of a layer follows from what arrives. Axes count
from 0, which is a map's channels, negative ones from the end.

**Formulas** are expressions of [the language](language.md#values-and-expressions). `[c, *n]` on the left of `->`
names the sizes that arrive; the parameters go by their names, an extent being a list with a size for each spatial
axis, and padding in numbers a pair of before and after. Behind "along each spatial axis" the names are the sizes
along one of them. The tests hold every formula equal to what the compiler computes. The same name means the same in
all of them:

"""

_COSTS = """
**Parameters** are what is trained. **MACs** are the multiply-accumulates of convolutions, linear layers and matrix
products for one sample. **Examples** show what arrives, the layer and what leaves, and below it what it is in
PyTorch; the tests run each of them.
"""


def markdown_page(entries: Sequence[Entry]) -> str:
    """The page of all entries, which stand group by group."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append(entry)
    parts = [_PREFACE + "\n".join(f"- `{name}`: {text}" for name, text in GLOSSARY.items())]
    parts.append(_COSTS.strip())
    parts.append("\n".join(f"- {group}: {_links(members)}" for group, members in groups.items()))
    for group, members in groups.items():
        parts.append(f"## Group: {group}")
        parts += [markdown_entry(entry) for entry in members]
    return "\n\n".join(parts)


def markdown_entry(entry: Entry) -> str:
    """One entry, under a heading of its own."""
    return "\n\n".join(_entry(entry))


def _links(entries: Sequence[Entry]) -> str:
    return ", ".join(f"[`{entry.name}`](#{entry.name})" for entry in entries)


def _entry(entry: Entry) -> Iterator[str]:
    yield f"### {entry.name}"
    if entry.parameters:
        yield f"`{entry.signature}`"
    yield entry.doc
    if entry.parameters:
        yield "\n".join(map(_parameter, entry.parameters))
    if entry.rule:
        yield f"**Shape.** {entry.rule}"
        if entry.changes is not None:
            yield _code("text", map(str, formula_lines(entry.changes)))
        found = [f"**{_capital(what)}** `{formula}`." for what, formula in costs(entry)]
        yield " ".join(found) or NO_COST
    if entry.samples:
        yield _code("python", "\n\n".join("\n".join(_sample(sample)) for sample in entry.samples).split("\n"))
    if entry.uses:
        head = "As a word, taken by" if entry.rule else "Taken by"
        yield f"**{head}** {'; '.join(map(used_by, entry.uses))}."


def _parameter(parameter: Parameter) -> str:
    default = "required" if parameter.default is None else f"default `{parameter.default}`"
    return f"- `{parameter.name}` ({default}): {parameter.doc}. {_capital(parameter.takes)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sample(sample: Sample) -> Iterator[str]:
    head = f"# {flow(sample)}: {counts(sample)}".removesuffix(": ")
    yield from [head] if len(head) <= 110 else [f"# {flow(sample)}", f"# {counts(sample)}"]
    yield from sample.torch[:-1]
    yield sample.torch[-1] + (f"  # {support(sample)}" if sample.support else "")


def _code(language: str, lines: Iterable[str]) -> str:
    return "\n".join([f"```{language}", *lines, "```"])
