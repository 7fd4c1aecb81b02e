"""`docs/library.md`: the blocks of the standard library, each with an example and its diagram.

The examples are the first ones that `CASES` of test_library.py has for a block.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archdsl.api import Architecture
from archdsl.draw import render
from archdsl.marks import mark
from archdsl.syntax import ast
from tests.zoo.page import table
from tests.zoo.support import SPECS, spec
from tests.zoo.test_library import CASES, INPUT, build

DOCS = SPECS.parent / "docs"
PAGE = DOCS / "library.md"
PICTURES = DOCS / "library"
FILES = sorted((SPECS / "std").glob("*.arch"))

HEAD = """\
# The standard library

The blocks that specs share, written in the language: `from std.conv import conv_norm_act` makes one known, and what is
not quite right for a network is copied and changed. Each is shown with its parameters, its text, an example and the
diagram of that. `make reference` makes this page from `specs/std/` and the tests' examples, and a test holds it.

"""
#: what an annotation lets through
KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "list": "a list",
    "layer": "a layer or block, with its arguments",
    "block": "the name of a block or layer, which is called here",
    "tensor": "a tensor",
}
PARAMETERS = {"parameter": "---", "takes": "---", "default": "---"}


class Block(NamedTuple):
    """A block of the library."""

    file: Path
    declaration: ast.Block

    @property
    def picture(self) -> Path:
        return PICTURES / f"{self.file.stem}.{self.declaration.name}.svg"


def blocks(file: Path) -> list[Block]:
    """The blocks of a file, in its order."""
    return [Block(file, declared) for declared in declarations(file) if isinstance(declared, ast.Block)]


def declarations(file: Path) -> tuple[ast.Declaration, ...]:
    tree = spec(file)._unit.tree
    assert tree is not None
    return tree.declarations


def example(block: Block) -> tuple[str, Architecture]:
    """The flow of the example, and the network that it is."""
    name = block.declaration.name
    for file, names, flow, *_ in CASES:
        if file == block.file.stem and names.split(", ")[0] == name:
            return flow, build(file, names, flow)
    raise AssertionError(
        f"`{name}` of std/{block.file.name} has no example: add a case to CASES in tests/zoo/test_library.py"
    )


def page() -> str:
    """The whole page."""
    return HEAD + "\n".join([*map(contents, FILES), *map(chapter, FILES)])


def contents(file: Path) -> str:
    links = ", ".join(f"[`{name}`](#{name})" for name in (block.declaration.name for block in blocks(file)))
    return f"- [std.{file.stem}](#std{file.stem}): {links}"


def chapter(file: Path) -> str:
    """A file: what it says of itself, what its blocks share, its blocks."""
    tree = spec(file)._unit.tree
    assert tree is not None
    parts = [f"\n## std.{file.stem}\n\n[{file.name}](../specs/std/{file.name}): {tree.doc}\n"]
    if common := shared(file):
        parts.append(code(common))
    return "\n".join([*parts, *(section for block in blocks(file) for section in sections(block))])


def used_by(block: Block) -> list[Path]:
    """The specs, and the files of the library, that import a block."""
    found = []
    for path in (*sorted(SPECS.glob("*.arch")), *FILES):
        imported = spec(path)._unit.imported.values()
        if any(
            line.module == ("std", block.file.stem) and item.name == block.declaration.name
            for line, item in imported
        ):
            found.append(path)
    return found


def shared(file: Path) -> str:
    """The text of a file without its docstring and its blocks."""
    text = file.read_text(encoding="utf-8").removeprefix(file.read_text(encoding="utf-8").splitlines()[0])
    for block in blocks(file):
        text = text.replace(source(block.declaration), "")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def sections(block: Block) -> Iterator[str]:
    """A block: its docstring, its parameters, its text, its example, its diagram."""
    declared = block.declaration
    yield f"### {declared.name}\n\n{declared.doc}\n"
    rows = [
        [
            f"`{p.name}`",
            takes(p),
            f"`{source(p.default)}`" if p.default is not None else "required",
        ]
        for p in declared.parameters
    ]
    if rows:
        yield table(PARAMETERS, rows)
    yield code(source(declared))
    flow, arch = example(block)
    yield shown(flow, arch)
    if importers := used_by(block):
        links = (f"[{path.stem}]({Path(os.path.relpath(path, DOCS)).as_posix()})" for path in importers)
        yield f"Used by {', '.join(links)}.\n"
    yield f"![{flow}]({block.picture.relative_to(DOCS).as_posix()})\n"


def shown(flow: str, arch: Architecture) -> str:
    """The example between what arrives and what leaves; several statements stand below each other."""
    shape, costs = arch.outputs["y"], f"{arch.params:,} parameters, {arch.macs:,} MACs"
    statements = flow.split("; ")
    if len(statements) == 1:
        return code(f"{INPUT} -> {flow} -> {shape}      # {costs}", "text")
    return code("\n".join([f"# {INPUT} arrives, {shape} leaves: {costs}", *statements]))


def takes(parameter: ast.Parameter) -> str:
    if parameter.annotation is None:
        return ""
    return f"`{parameter.annotation}`: {KINDS[parameter.annotation]}"


def source(node: ast.AstNode) -> str:
    return node.span.source.text[node.span.start : node.span.end]


def code(text: str, language: str = "arch-fragment") -> str:
    return f"```{language}\n{text}\n```\n"


def picture(block: Block) -> bytes:
    """The diagram of the example; a comment in it tells which DOT text it is of."""
    drawn = mark(render(example(block)[1]._graph, "svg"), "svg")
    head, line, rest = drawn.partition(b"-->\n")
    return head + line + f"<!-- {origin(block)} -->\n".encode() + rest


def origin(block: Block) -> str:
    """What the picture is of: the same text may be drawn by another Graphviz in other bytes."""
    return f"DOT text with SHA-256 {hashlib.sha256(example(block)[1].dot().source.encode()).hexdigest()}"
