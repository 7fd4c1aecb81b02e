"""No name and no text of a spec becomes code of the generated module, and none changes what it computes."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings

import archdsl
from archdsl.api import ArchError
from archdsl.layers import INITIALISERS, REGISTRY, WORDS
from archdsl.syntax.words import RESERVED
from tests.emit.generated import build
from tests.safety.kept import Kept
from tests.safety.meaning import same_but_names, sane, text_only
from tests.safety.twins import (
    HOSTILE_NAMES,
    HOSTILE_TEXTS,
    NAMES,
    TEXTS,
    Twin,
    harmless,
    readable,
    refused,
    twin,
    twins,
    written,
)

#: Shrinking takes minutes here and tells no more: the names stand in the example.
QUICK: dict[str, Any] = {
    "deadline": None,
    "phases": (Phase.explicit, Phase.reuse, Phase.generate),
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
#: Names that the spec itself needs in their own meaning, and words of the language.
NEEDED = {*RESERVED, *REGISTRY, *INITIALISERS, *WORDS, "range", "_", "params", "int", "list"}
POOL = tuple(dict.fromkeys(name for name in HOSTILE_NAMES if name not in NEEDED))
#: Names at which the compiler gives way, or that it counts with: their module may be built otherwise than a twin's.
#: So may that of very short and of long names, which stand in other lines.
OWN = re.compile(r"_.*|.*[0-9_]|append|extend|insert|pop|.{1,2}|.{9,}")
STRICT = tuple(name for name in POOL if not OWN.fullmatch(name))


def compiled(spec: Twin, name: str = "main.arch", **settings: str) -> str:
    """The module of a spec that lies in a folder with what it imports."""
    with TemporaryDirectory() as folder:
        (Path(folder) / f"{spec.module}.arch").write_text(spec.beside, encoding="utf-8", newline="")
        (Path(folder) / name).write_text(spec.main, encoding="utf-8", newline="")
        return archdsl.load(Path(folder) / name, **settings).source()


def compare(evil: Twin, good: Twin) -> None:
    source = compiled(evil)
    text_only(source)
    sane(ast.parse(source))
    same_but_names(ast.parse(compiled(good)), ast.parse(source))


@settings(max_examples=40, **QUICK)
@given(twins(STRICT))
def test_the_module_is_that_of_a_harmless_spec(pair: tuple[Twin, Twin]) -> None:
    compare(*pair)


@settings(max_examples=12, **QUICK)
@given(twins(POOL))
def test_the_module_computes_what_that_of_a_harmless_spec_does(pair: tuple[Twin, Twin]) -> None:
    evil, good = (built(spec) for spec in pair)
    for one, two in zip(evil, good, strict=True):
        assert torch.equal(one, two)


def built(spec: Twin) -> list[torch.Tensor]:
    """What the module gives, in training too, its weights, and the arguments that its extern block got."""
    source = compiled(spec)
    text_only(source)
    sane(ast.parse(source))
    torch.manual_seed(0)
    net = build(source)
    weights = list(net.state_dict().values())
    generator = torch.Generator().manual_seed(1)
    inputs = [torch.randn(2, 3, 8, 8, generator=generator) for _ in range(2)]
    outputs = [x for x in (*net(*inputs), *net.eval()(*inputs)) if x is not None]
    (kept,) = (module for module in net.modules() if isinstance(module, Kept))
    said = spec.texts["argument"]
    assert (kept.args, kept.kwargs) == ((8, [said]), {"said": said, "told": {f"<{said}>": 8}})
    return weights + outputs


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_strings_arrive_as_they_are(text: str) -> None:
    """In the header, by `--set`, by an argument of an extern block, in a docstring."""
    names = {place: place + "_" for place in NAMES}
    text = readable(text)
    spec = twin(names, dict.fromkeys(TEXTS, text))
    source = compiled(spec, **{names["text"]: text})
    tree = ast.parse(source)
    sane(tree)
    text_only(source)
    (call,) = (n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func).endswith(".Kept"))
    assert [ast.literal_eval(k.value) for k in call.keywords] == [text, {f"<{text}>": 8}]
    docs = [ast.get_docstring(n) for n in [tree, *tree.body] if isinstance(n, ast.Module | ast.ClassDef)]
    shown = "".join(text.split())
    assert (
        sum(shown[:60] in "".join((doc or "").split()) for doc in docs) >= 5 * bool(shown)
        or not shown.isprintable()
    )


@pytest.mark.parametrize(
    "name", ['a"""b', "a\\", "a'b\"c", "{x}%s", "a\nimport os\n", "\x1b[31m", "\u202eb", "\udcff", "#", "a b"]
)
def test_the_name_of_the_file_stays_in_its_docstring(name: str) -> None:
    spec = harmless({place: place for place in NAMES})
    tree = ast.parse(source := compiled(spec, name + ".arch"))
    text_only(source)
    same_but_names(ast.parse(compiled(spec)), tree)


@pytest.mark.parametrize(
    "label",
    [
        *(name for name in HOSTILE_NAMES if refused(name)),
        "",
        "a.b",
        "a b",
        "a-b",
        "é",
        "ｆｏｏ",
        "ª",
        "a\u200b",
        "0x",
        "-1",
        "1e3",
        "*",
        "a\n",
        "\u212a",
        "ﬁ",
    ],
)
def test_labels_that_are_no_names_are_refused(label: str) -> None:
    text = f'network n {{ input x: [3, 8, 8]; g: {{ "{written(label)}": conv(8, 3); relu }}; output y }}'
    with pytest.raises(ArchError) as caught:
        archdsl.loads(text)
    assert {d.code for d in caught.value.diagnostics} <= {"E410", "E103"}


@pytest.mark.parametrize(
    "name", ["é", "ｆｏｏ", "ﬁ", "ª", "аrch", "𝐱", "x\u0301", "x\u200d", "\u212a", "ſelf", "Ⅸ"]
)
def test_names_are_of_ascii(name: str) -> None:
    """Python takes look-alikes of a name for the name itself."""
    with pytest.raises(ArchError) as caught:
        archdsl.loads(f"network n({name} = 1) {{ input x: [3, 8, 8]; relu; output y }}")
    assert {d.code for d in caught.value.diagnostics} <= {"E101", "E103"}
