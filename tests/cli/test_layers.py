"""`archdsl layers`."""

from __future__ import annotations

import json
import re

import pytest

from archdsl.layers import INITIALISERS, REGISTRY, WORDS
from tests.cli.conftest import Run

PIXEL_SHUFFLE = """\
pixel_shuffle(r)

Channels become positions: a finer map of fewer channels (Shi et al., 2016).

Of each `r * r` neighbouring channels one is made, whose value at `[r * row + i, r *
column + j]` is that of channel `r * i + j` among them at `[row, column]`.

Parameters
  r  factor on height and width
     an int of at least 1; required

Shape
  The channels are divided by the square of `r`, and height and width multiplied by `r`.

    [c, *n] -> [c // r ** 2, *m]
    along each spatial axis:
      m = n * r

Cost
  No parameters, no MACs.

Names
  c  the channels; of tokens, the features
  n  the sizes of the other axes

Examples
  [256, 28, 28] -> pixel_shuffle(2) -> [64, 56, 56]
    F.pixel_shuffle(x, 2)
"""


def test_list(run: Run) -> None:
    """Every layer and initialiser stands under its group, with a line."""
    groups = {
        group: re.findall(r"^  (\w+) +\S", lines, re.MULTILINE)
        for group, _, lines in (part.partition("\n") for part in run("layers").stdout.split("\n\n"))
    }
    wanted: dict[str, list[str]] = {}
    for name, layer in REGISTRY.items():
        wanted.setdefault(layer.group, []).append(name)
    assert groups == wanted | {"initialisers": list(INITIALISERS)}


def test_page(run: Run) -> None:
    assert run("layers", "pixel_shuffle").stdout == PIXEL_SHUFFLE


@pytest.mark.parametrize("name", [*REGISTRY, *INITIALISERS])
def test_pages_fit(run: Run, name: str) -> None:
    """Plain text in a pipe, in 88 columns, of the signature and every parameter."""
    text = run("layers", name).stdout
    signature = " ".join(text.split("\n\n")[0].split())
    params = (REGISTRY[name] if name in REGISTRY else INITIALISERS[name]).params
    assert re.findall(r"(\w+)(?=[=,)])", re.sub(r"=[^,()]*(\(.*?\))?", "", signature)) == list(params)
    assert max(map(len, text.splitlines())) <= 88 and "\x1b" not in text
    for parameter in params:
        assert re.search(rf"^  {parameter} +\S", text, re.MULTILINE)


def test_color(run: Run) -> None:
    painted = run("layers", "conv", "--color", "always").stdout
    assert "\x1b[1mconv\x1b[0m(" in painted
    assert re.sub(r"\x1b\[\d+m", "", painted) == run("layers", "conv").stdout


def test_word(run: Run) -> None:
    text = run("layers", "half").stdout
    assert text.startswith("half\n") and "`pad` of `conv`, `depthwise`\n" in text
    for word in WORDS:
        assert re.search("^(T|As a word, t)aken by$", run("layers", word).stdout, re.MULTILINE)


def test_layer_that_is_a_word_too(run: Run) -> None:
    text = run("layers", "mean").stdout
    assert "Mean of the members." in text and "  `op` of `reduce`\n" in text


def test_json(run: Run) -> None:
    described = json.loads(run("layers", "--format", "json").stdout)
    assert {entry["name"] for entry in described} == {*REGISTRY, *INITIALISERS}
    one = json.loads(run("layers", "linear", "--format", "json").stdout)
    assert one in described
    assert one["parameters"][1]["default"] == "true" and one["parameters"][0]["required"] is True
    assert (
        one["shape"]["leaves"] == "[*n, features]" and one["params"] == "features * (c + (1 if bias else 0))"
    )
    example = one["examples"][0]
    assert (example["inputs"], example["outputs"]) == ([[2048]], [[1000]])
    assert (example["params"], example["macs"]) == (2_049_000, 2_048_000)
    assert example["torch"] == ["nn.Linear(2048, 1000)"]


def test_markdown(run: Run) -> None:
    text = run("layers", "conv", "--format", "md").stdout
    assert text.startswith("### conv\n") and "\n- `kernel` (required): extent of the window." in text
    assert text.rstrip("\n") in run("layers", "--format", "md").stdout


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("convv", "did you mean `conv`?"),
        (
            "Conv2d",
            "did you mean `conv`? The channels that arrive and the number of dimensions are known, and not written.",
        ),
        ("BatchNorm", "did you mean `bn`?"),
        ("kaiming", "did you mean `kaiming_normal` or `kaiming_uniform`?"),
        ("frobnicate", "`archdsl layers` lists them"),
        ("kaiming_nrmal", "did you mean `kaiming_normal`?"),
        ("bilinea", "did you mean `bilinear`?"),
    ],
)
def test_unknown(run: Run, name: str, help: str) -> None:
    error, _, line = run("layers", name, status=2).stderr.partition("\n")
    assert error == f"error: there is no layer `{name}`" and line.startswith(f"help: {help}"[:-1])
