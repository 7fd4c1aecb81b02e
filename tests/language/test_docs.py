"""The code in the documentation is right: whole files check clean, fragments are in the grammar."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archdsl.api import Options, Spec
from archdsl.source import Source

ROOT = Path(__file__).parents[2]
#: The examples of `errors.md` are mostly wrong ones: tests/diagnostics/test_pages.py holds them.
PAGES = sorted(set(ROOT.glob("docs/**/*.md")) - {ROOT / "docs" / "errors.md"})
CODE = re.compile(r"^ *```(arch|arch-fragment)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def codes(kind: str) -> list[object]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in CODE.finditer(text):
            if match[1] == kind:
                line = text[: match.start()].count("\n") + 2
                found.append(pytest.param(match[2], id=f"{page.name}:{line}"))
    return found


def spec(text: str) -> Spec:
    return Spec(Source("<docs>", text), None, Options())


@pytest.mark.parametrize("text", codes("arch"))
def test_file(text: str) -> None:
    assert [f"{d.span.line}: {d.code} {d.message}" for d in spec(text).check()] == []


@pytest.mark.torch
@pytest.mark.parametrize("text", codes("arch"))
def test_module(text: str) -> None:
    import torch

    for model in spec(text).models:
        arch = spec(text).architecture(model)
        with torch.device("meta"):
            net = arch.build().eval()
            net(*[torch.empty(1, *shape) for shape in arch.inputs.values()])
        assert sum(p.numel() for p in net.parameters()) == arch.params


@pytest.mark.parametrize("text", codes("arch-fragment"))
def test_fragment(text: str) -> None:
    """Declarations, or statements of a body."""
    tries = [spec(text), spec(f"block fragment {{\n{text}\n}}")]
    assert any(not [d for d in each.check() if d.code.startswith("E1")] for each in tries)


def test_layers() -> None:
    """The list of layers is that of the registry."""
    from archdsl.layers import REGISTRY

    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    table = text[text.index("| group | layers |") :].split("\n\n")[0]
    listed = {name for row in re.findall(r"\| `([a-z0-9_ ]+)` \|", table) for name in row.split()}
    assert listed == set(REGISTRY)


def test_initialisers() -> None:
    """The list of initialisers is that of the source, with their parameters."""
    from archdsl.layers import INITIALISERS
    from archdsl.layers.reference import init_signature

    text = (ROOT / "docs" / "language.md").read_text(encoding="utf-8").partition("| initialiser |")[2]
    listed = [call for line in text.split("\n\n")[0].splitlines() for call in re.findall(r"`([^`]*)`", line.split("|")[1])]
    assert listed == [init_signature(name) for name in INITIALISERS]
