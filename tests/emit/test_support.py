"""What PyTorch lacks is pasted into a module: all that it uses, and each thing once."""

from __future__ import annotations

from archdsl.emit.support import support_sources
from archdsl.emit.template import Applied, Fixed, Listed, MadeLayer, MadeParameter, Operand, Paired
from archdsl.emit.wording import functions
from archdsl.layers.form import AllInputs, Call, DictOf, FunctionForm, Input, Lit, ParameterForm, TupleOf
from archdsl.manual.torch_form import support_of, torch_lines
from tests.emit.generated import OWN, source_of

SUPPORT = next(path for path in OWN if path.stem == "support")


def test_pools_share_what_they_compute() -> None:
    source = source_of(SUPPORT, "four")
    assert all(f"\nclass {name}(" in source for name in ("SameAvgPool", "PaddedAvgPool", "SameMaxPool"))
    assert source.count("F.avg_pool1d") == source.count("F.max_pool1d") == 1


def test_functions_inside_of_everything() -> None:
    inner = Applied("inner", (Operand(0),), ())
    entries = Listed((Paired(Fixed("a"), Listed((inner,), "()")),), "{}")
    call = Applied("outer", (entries,), (("key", Applied("nn.ReLU", (), ())),))
    assert list(functions(call)) == ["outer", "inner", "nn.ReLU"]
    assert list(functions(MadeLayer(call, ()))) == ["outer", "inner", "nn.ReLU"]
    assert list(functions(MadeParameter(inner, ()))) == ["inner"]


def test_forms_say_their_support() -> None:
    inner = TupleOf((Call("to_windows", (Input(), Lit(2))), Lit(1)))
    form = FunctionForm(Call("torch.stack", (DictOf(((Lit("a"), inner),)), AllInputs())))
    assert support_of(form) == ("to_windows",)
    assert torch_lines(form, "ab") == ('torch.stack({"a": (to_windows(a, 2), 1)}, [a, b])',)
    made = ParameterForm(Call("Affine", (Lit(2),)), Call("from_windows", (Input(),)))
    assert support_of(made) == ("Affine", "from_windows")


def test_many_types_of_one_initialiser_are_wrapped() -> None:
    source = source_of(SUPPORT, "five")
    assert "            if isinstance(\n                module,\n                (\n" in source
    assert max(map(len, source.split("\n"))) <= 100


def test_what_prose_names_is_not_pasted() -> None:
    pieces = {
        "helper": "def helper() -> int:\n    return 1",
        "used": "def used() -> int:\n    return helper()",
        "told": 'def told() -> int:\n    """Not helper.\n\n    Nor used."""\n    return 2  # helper',
    }
    assert support_sources(["used"], pieces) == [pieces["helper"], pieces["used"]]
    assert support_sources(["told"], pieces) == [pieces["told"]]
