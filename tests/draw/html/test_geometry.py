"""Where things stand in the page: measured in the browser, by rectangles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.draw.html.conftest import Show

MEASURE = (Path(__file__).parent / "geometry.js").read_text(encoding="utf-8")

MODELS = [
    ("densenet.arch", "densenet264"),
    ("residual_attention.arch", "attention92"),
    ("hrnet.arch", "hrnet_w48"),
    ("unet_plus_plus.arch", "unet_plus_plus"),
    ("googlenet.arch", "googlenet"),
]
#: Two inputs, a tensor that is read far away, a join of many, one tensor twice, an operand order, two outputs.
WIRED = """
block far(n) takes a, b {
  a -> conv(n, 3) -> relu
  ( it | b ) -> add
}
network wired {
  input a: [8, 16, 16]
  input b: [8, 16, 16]
  x = ( a | b ) -> far(8)
  y = x -> conv(8, 1)
  ( y | y ) -> mul
  for i in range(3) { conv(8, 3) -> sigmoid }
  z = it
  ( a | x | y | z ) -> concat
  conv(4, 1) -> gap
  output p
  z -> flatten -> linear(3)
  output q
}
"""


@pytest.mark.parametrize(("spec", "model"), MODELS, ids=[model for _, model in MODELS])
def test_nothing_overlaps_and_arrows_end_at_their_boxes(show: Show, spec: str, model: str) -> None:
    browser = show(spec, model)
    few = browser.run(MEASURE)
    assert few["found"] == []
    browser.press("open")
    everything = browser.run(MEASURE)
    assert everything["found"] == []
    assert everything["items"] >= few["items"] > 4
    assert everything["tips"] >= few["tips"] > 3


@pytest.mark.parametrize("direction", ["down", "right"])
def test_any_wiring(show: Show, direction: str) -> None:
    browser = show(WIRED)
    if direction == "right":
        browser.press("turn")
    browser.press("open")
    measured = browser.run(MEASURE)
    assert measured["found"] == []
    assert measured["tips"] >= 14
    browser.press("close")
    assert browser.run(MEASURE)["found"] == []


def test_to_the_right(show: Show) -> None:
    browser = show("hrnet.arch", "hrnet_w18_small")
    width, height = browser.run("return [stage.offsetWidth, stage.offsetHeight]")
    assert height > width
    browser.press("turn")
    width, height = browser.run("return [stage.offsetWidth, stage.offsetHeight]")
    assert width > height
    browser.press("open")
    assert browser.run(MEASURE)["found"] == []


def test_a_dense_network(show: Show) -> None:
    layers = "\n".join(
        f"  x{n} = ( {' | '.join(f'x{k}' for k in range(n) if n == k + 1 or (n * k) % 5 != 1)} ) -> add -> conv(8, {n % 3 * 2 + 1})"
        for n in range(2, 24)
    )
    browser = show(
        f"network dense {{\n  input x0: [8, 16, 16]\n  x1 = x0 -> conv(8, 3)\n{layers}\n  output y\n}}"
    )
    measured = browser.run(MEASURE)
    assert measured["found"] == []
    assert measured["tips"] > 200
    assert not browser.one("#dense").is_displayed()
