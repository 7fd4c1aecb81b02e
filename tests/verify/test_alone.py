"""The generated module against its static figures: what is wrong is found, and said with its place."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from archdsl.verify import verify  # noqa: E402
from archdsl.verify.alone import hold_alone  # noqa: E402
from tests.verify.support import check, load  # noqa: E402

pytestmark = pytest.mark.torch

BODY = """
  conv(4, 3) -> bn -> relu
  output aux = (gap -> linear(5)) when training
  ( identity | conv(4, 3) ) -> add
  gap -> linear(7)
"""


def test_a_network_holds() -> None:
    arch = load(BODY)
    report = verify(arch)
    assert report.holds and report.peer is None and report.difference is None
    assert {one.what: one.found for one in report.module} == {
        "parameters": f"{arch.params:,}",
        "MACs": f"{arch.macs:,}",
        "outputs": "1×7",
        "layers": "6",
        "outputs in training": "2×7, 2×5",
        "layers for training": "2",
        "gradients": "10",
    }


def test_several_inputs_and_bundles() -> None:
    report = verify(
        load(
            "  ( x | other -> conv(3, 3) ) -> add\n  output sizes = ( identity | maxpool(2) )",
            shape="[3, 8, 8]\n  input other: [5, 8, 8]",
        )
    )
    assert report.holds, report.failures
    assert next(one for one in report.module if one.what == "outputs").found == "1×3×8×8, 1×3×4×4, 1×3×8×8"


def test_other_weights_are_found() -> None:
    """A module that is not the one of the graph."""
    arch = load(BODY)
    net = arch.build()
    net.conv2 = torch.nn.Conv2d(4, 4, 3, padding=1, bias=False)
    failed = {one.what: one for one in hold_alone(arch, net, "cpu") if one.holds is False}
    assert set(failed) == {"parameters"}
    assert "conv2 (line 7) has 144, not 148" in failed["parameters"].note


def test_other_shapes_and_operations_are_found() -> None:
    arch = load(BODY)
    net = arch.build()
    net.conv1 = torch.nn.Conv2d(3, 4, 3, stride=2, padding=1)
    failed = {one.what: one for one in hold_alone(arch, net, "cpu") if one.holds is False}
    assert set(failed) == {"MACs", "layers"}
    assert failed["layers"].note.startswith("conv1 (line 5) gave 1×4×8×8, not 1×4×16×16; ")
    assert failed["MACs"].note.startswith("conv1 (line 5) has 6,912, not 27,648; ")


def test_weights_that_learn_nothing_are_found() -> None:
    arch = load(BODY)
    net = arch.build()
    forward = type(net.linear2).forward
    net.linear2.forward = lambda x: forward(net.linear2, x).detach()
    failed = {one.what: one for one in hold_alone(arch, net, "cpu") if one.holds is False}
    assert set(failed) == {"gradients"}
    assert "conv2.weight gets none" in failed["gradients"].note


def test_a_module_that_learns_nothing_is_found() -> None:
    arch = load(BODY)
    net = arch.build()
    for part in (net.linear1, net.linear2):
        part.register_forward_hook(lambda _, __, result: result.detach())
    failed = {one.what: one for one in hold_alone(arch, net, "cpu") if one.holds is False}
    assert set(failed) == {"gradients"}
    assert failed["gradients"].found == "0" and "conv1.weight gets none" in failed["gradients"].note


def test_values_that_are_not_finite_are_found() -> None:
    failed = verify(load("  conv(4, 3) -> scale(-1e30) -> pointwise(sqrt)")).failures
    assert [one.note for one in failed if one.what == "outputs"] == ["some values are not finite"]


EXTERN = """
extern block up(c, f) {{
  python = "torch.nn.ConvTranspose2d({{in.channels}}, {{c}}, {{f}}, stride={{f}})"
  shape = [c, in.height * f, in.width * f]
  {cost}
}}"""


def extern(cost: str) -> str:
    return EXTERN.format(cost=cost)


def test_an_extern_block_that_says_what_is_true() -> None:
    costs = "params = (in.channels * f * f + 1) * c; macs = in.channels * c * f * f * in.height * in.width"
    assert verify(load("  conv(4, 3) -> up(2, 2)", extern(costs))).holds


@pytest.mark.parametrize(
    ("cost", "what", "note"),
    [
        ("params = 3; macs = 8192", "parameters", "up1 (line 9) has 34, not 3"),
        ("params = 34; macs = 17", "MACs", "up1 (line 9) has 8,192, not 17"),
    ],
)
def test_an_extern_block_that_does_not(cost: str, what: str, note: str) -> None:
    failed = verify(load("  conv(4, 3) -> up(2, 2)", extern(cost))).failures
    assert [(one.what, one.note) for one in failed] == [(what, note)]


FIGURES = """
extern block some(f, p, m) {
  python = "torch.nn.Conv2d({in.channels}, 3, {f}, 1, {f // 2})"
  shape = [3, in.height, in.width]
  params = p
  macs = m
}
extern block open(c) { python = "torch.nn.Conv2d({in.channels}, {c}, 1)"; shape = [c, in.height, in.width] }"""


def test_mistakes_of_extern_blocks_that_cancel_out() -> None:
    failed = verify(load("  some(3, 12, 2304) -> some(1, 84, 20736)", FIGURES)).failures
    assert [(one.what, one.note) for one in failed] == [
        ("parameters", "some1 (line 11) has 84, not 12; some2 (line 11) has 12, not 84"),
        ("MACs", "some1 (line 11) has 20,736, not 2,304; some2 (line 11) has 2,304, not 20,736"),
    ]


def test_a_mistake_of_an_extern_block_beside_one_that_states_nothing() -> None:
    failed = verify(load("  some(1, 12, 5) -> open(2)", FIGURES)).failures
    assert [one.what for one in failed] == ["MACs"]
    assert failed[0].note.endswith("; some1 (line 11) has 2,304, not 5")


def test_the_shape_that_an_extern_block_states() -> None:
    wrong = extern("params = 34; macs = 8192").replace("in.width * f", "in.width")
    failed = {one.what: one for one in verify(load("  conv(4, 3) -> up(2, 2)", wrong)).failures}
    assert failed["layers"].note == "up1 (line 9) gave 1×2×32×32, not 1×2×32×16"
    assert (failed["outputs"].found, failed["outputs"].expected) == ("1×2×32×32", "1×2×32×16")


def test_costs_that_an_extern_block_leaves_open() -> None:
    report = verify(load("  conv(4, 3) -> up(2, 2)", extern("")))
    assert report.holds
    assert check(report, "parameters").note == "34 more in extern blocks that do not state them"
    assert check(report, "MACs").expected.endswith(" + ?")


@pytest.mark.parametrize(
    ("made", "note"),
    [("torch.nn.Conv2d({c})", "TypeError: Conv2d.__init__()"), ("sys.exit({c})", "SystemExit: 4")],
)
def test_a_module_that_cannot_be_made(made: str, note: str) -> None:
    text = f'extern block up(c) {{ python = "{made}"; shape = [c, in.height, in.width] }}'
    (failed,) = verify(load("  up(4)", text)).failures
    assert failed.what == "the generated module" and failed.note.startswith(note)


def test_a_module_that_does_not_run() -> None:
    before = extern("params = 34; macs = 8192").replace("torch.nn.ConvTranspose2d", "torch.nn.Conv3d")
    failed = verify(load("  conv(4, 3) -> up(2, 2)", before)).failures
    assert failed[-1].what == "the generated module" and "RuntimeError" in failed[-1].note
