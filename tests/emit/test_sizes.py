"""What a header says of the sizes of the input: whether the network is the same for larger ones."""

from __future__ import annotations

import pytest

from archdsl.api import loads

VARY, ALONE = "height and width may vary", "of this size alone"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("conv(4, 3, stride=2) -> relu", VARY),
        ("maxpool(2) -> upsample(size=in.shape[1:])", VARY),
        ("maxpool(2) -> tokens -> ln -> untokens(in.height // 2, in.width // 2)", ALONE),
        ("let h = in.height // 2\n  maxpool(2) -> upsample(size=h)", ALONE),
        ("upsample(size=16)", VARY),
        ("if in.height > 40 { relu }\n  conv(4, 3)", ALONE),
        ("if in.height > 4 { relu }\n  conv(4, 3)", VARY),
        ("for _ in range(H // 16) { maxpool(2) }", ALONE),
        ("let c = it.height\n  conv(c, 3)", ALONE),
        ("maxpool(2) -> [3, 16, 16] -> relu", ALONE),
        ("maxpool(2) -> [3, H // 2, W // 2] -> relu", VARY),
        ("maxpool(2) -> [3, _, _] -> relu", VARY),
        ("gap -> linear(8) -> [8] -> relu", VARY),
        ("if it.numel > 5000 { relu }\n  conv(4, 3)", ALONE),
        ("flatten -> linear(8)", ALONE),
        ("gap -> linear(8)", VARY),
        ('expect H == W, "square"\n  maxpool(2) -> upsample(2)', VARY),
        ('expect H == 32, "small"\n  relu', ALONE),
        ("crop(20)", ALONE),
        ("slice(2, -2, axis=1)", VARY),
    ],
)
def test_header(body: str, told: str) -> None:
    text = f"network n {{\n  input image: [3, H=32, W=32]\n  {body}\n  output y\n}}\n"
    (line,) = [line for line in loads(text).source().split("\n") if line.startswith("Input: ")]
    assert line == f"Input: image [3, 32, 32], {told}"


@pytest.mark.parametrize("halvings", [1, 3, 5])
@pytest.mark.torch
def test_steps(halvings: int) -> None:
    """What is halved and joined with what was not takes sizes in steps, and PyTorch raises between them."""
    torch = pytest.importorskip("torch")
    down = " -> ".join(["maxpool(2)"] * halvings)
    text = f"network n {{\n  input image: [3, H=64, W=64]\n  ( identity | {down} -> upsample({2**halvings}) ) -> add\n  output y\n}}\n"
    arch, step = loads(text), 2**halvings
    assert f"Input: image [3, 64, 64], {VARY} in steps of {step}" in arch.source().split("\n")
    net = arch.build()
    assert net(torch.rand(1, 3, 64 + step, 64 + 3 * step)).shape[2:] == (64 + step, 64 + 3 * step)
    with pytest.raises(RuntimeError, match="size"):
        net(torch.rand(1, 3, 64 + step // 2, 64))


def test_a_network_as_a_block_may_want_a_size() -> None:
    part = "network part {\n  input image: [3, 32, 32]\n  conv(4, 3)\n  output y\n}\n"
    text = f"{part}network n {{\n  input image: [3, 32, 32]\n  part\n  output y\n}}\nmodel m = n\n"
    assert f"Input: image [3, 32, 32], {ALONE}" in loads(text, model="m").source().split("\n")
