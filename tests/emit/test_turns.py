"""Rounds of several layers that the text repeats without a block: a loop in the list that they are."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import archdsl
from tests.emit.generated import build, class_text, expected_state
from tests.emit.interpret import interpret

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch


def spec(body: str, before: str = "") -> str:
    return f"network net {{\n  input x: [8, 4, 4]\n{before}  {body}\n  output y\n}}\n"


def hold(text: str) -> str:
    """The module of a spec, once it is known to compute what the graph says."""
    arch = archdsl.loads(text)
    source = arch.source()
    net = build(source).eval()
    assert {key: tuple(value.shape) for key, value in net.state_dict().items()} == expected_state(arch._graph)
    x = torch.randn(2, 8, 4, 4)
    wanted = interpret(arch._graph, net, [x])["y"]
    assume(bool(torch.isfinite(wanted).all()))  # a product of products of itself has no number at last
    torch.testing.assert_close(net(x), wanted)
    torch.testing.assert_close(torch.fx.symbolic_trace(net)(x), wanted)
    return source


UNIT = "( conv(8, 3) -> relu -> conv(8, 3) | it ) -> add -> relu"


def test_a_residual_unit_that_is_repeated_is_a_loop() -> None:
    source = hold(spec(f"body: ({UNIT}) * 10"))
    assert class_text(source, "Body").endswith(
        """\
        super().__init__(
            layer
            for _ in range(10)
            for layer in (
                nn.Conv2d(8, 8, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(8, 8, 3, padding=1),
                nn.ReLU(),
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        for i in range(0, len(self), 4):
            y = self[i + 1](self[i](x))  # [8, 4, 4]
            y = self[i + 2](y)  # [8, 4, 4]
            x = self[i + 3](y + x)  # [8, 4, 4]
        return x
"""
    )
    assert class_text(hold(spec(f"({UNIT}) * 10")), "ConvReluStack").count("self[") == 4


def test_what_each_round_reads_is_kept() -> None:
    body = "body: for _ in range(5) { ( conv(8, 3) -> relu | stem ) -> add }"
    found = class_text(hold(spec(body, "  conv(8, 1)\n  let stem = it\n  relu\n")), "Body")
    assert "for i in range(0, len(self), 2):" in found
    assert found.count("self[") == 2


def test_layers_around_the_rounds() -> None:
    body = f"body: {{ bn\n for _ in range(5) {{ {UNIT} }}\n conv(3, 1) }}"
    found = class_text(hold(spec(body)), "Body")
    assert "for i in range(1, 21, 4):" in found
    assert "*(\n                    layer\n                    for _ in range(5)" in found


def test_what_goes_in_at_first_may_be_needed_behind_the_rounds() -> None:
    body = "body: { let here = it; for _ in range(5) { conv(8, 3) -> relu -> scale(0.5) }; ( it | here ) -> mul }"
    found = class_text(hold(spec(body)), "Body")
    assert "        y = x\n        for i in range(0, len(self), 2):" in found


def test_channels_that_grow() -> None:
    found = class_text(
        hold(spec("body: for _ in range(4) { ( conv(16, 3) -> relu | it ) -> concat }")), "Body"
    )
    assert "nn.Conv2d(24, 16, 3, padding=1)," in found
    assert "for i in range(0, len(self), 2):" in found
    assert "x = torch.cat([self[i + 1](self[i](x)), x], dim=1)  # [C, 4, 4]" in found


@pytest.mark.parametrize(
    "body",
    [
        f"body: ({UNIT}) * 3",  # few
        f"body: {{ {'; '.join([UNIT] * 5)} }}",  # the text has them one by one
        "body: for i in range(5) { ( conv(8, 3) -> relu | it -> scale(i + 0.5) ) -> add }",
        "body: for i in range(5) { ( conv(8, 3) -> relu | it ) -> if i % 2 == 1 { add } else { concat -> conv(8, 1) } }",
    ],
)
def test_no_loop(body: str) -> None:
    assert "for i in" not in class_text(hold(spec(body)), "Body")


_LONG = "body: { let here = it; (B) * N; ( it | here ) -> add; relu }"
_LAYERS = st.sampled_from(["conv(8, 3)", "relu", "bn", "conv(8, 1)", "dropout(0.1)", "scale(0.5)", "s"])


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    ways = st.lists(st.one_of(inner, st.sampled_from(["it", "stem", "in"])), min_size=2, max_size=3)
    joins = st.sampled_from(["add", "concat -> conv(8, 1)", "mul"])
    fork = st.builds(lambda w, j: f"( {' | '.join(w)} ) -> {j}", ways, joins)
    return st.one_of(st.lists(inner, min_size=1, max_size=3).map(" -> ".join), fork)


@settings(deadline=None, max_examples=40)
@given(
    st.recursive(_LAYERS, _joined, max_leaves=7),
    st.integers(3, 6),
    st.sampled_from(
        ["body: for _ in range(N) { B }", "(B) * N", "body: { relu; (B) * N -> conv(8, 1) }", _LONG]
    ),
    st.booleans(),
)
def test_modules_compute_their_graphs(body: str, times: int, form: str, again: bool) -> None:
    text = form.replace("B", body).replace("N", str(times))
    last = "  ( it | stem ) -> add" if again else ""
    before = "  share s = conv(8, 1)\n  conv(8, 1)\n  let stem = it\n"
    hold(spec(f"{text}\n{last}", before))
