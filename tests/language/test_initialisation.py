"""`init=` and `bias_init=` in the language: defaults and their reach, and that a constructor really does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from language_support import Bad, Good, accept, each, net, reject

import archdsl

# --- what is accepted, and what is not -------------------------------------------------------------------------------

GOOD = [
    Good("bare and called", net("conv(4, 3, init=kaiming_normal, bias_init=zeros) -> conv(4, 1, init=xavier_uniform(gain=2))")),
    Good("words of an initialiser stand bare", net("conv(4, 3, init=kaiming_normal(mode=fan_out, nonlinearity=relu))")),
    Good("and win over names", net("let fan_out = 3\nconv(fan_out, 3, init=kaiming_normal(mode=fan_out)) -> conv(4, 1)")),
    Good("or are strings", net('conv(4, 3, init=kaiming_normal(mode="fan_out", nonlinearity="relu"))')),
    Good("a value under a name", net("conv(4, 3, init=he)", "let he = kaiming_normal(mode=fan_out)")),
    Good("an argument of a block", net("b(zeros) -> b(normal(1)) -> b", "block b(init = pytorch) { conv(4, 3, init=init) }")),
    Good("computed for what arrives", net("conv(4, 3, init=uniform(-2.4 / it.channels, 2.4 / it.channels))")),
    Good("of the block's own", net("conv(4, 3, init=zeros(0.1))", "def zeros(x) = normal(x)")),
]  # fmt: skip


@each(GOOD)
def test_good(case: Good) -> None:
    accept(case)


BAD = [
    Bad("an unknown argument", net("conv(4, 3, init=normal(sdt=0.1)) #! E203"), says=("`normal` takes `std`, `mean`",)),
    Bad("in a default", net("conv(4, 3)", "default conv(init=normal(sdt=0.1)) #! E203")),
    Bad("in a block that nobody calls", net("relu", "block b { conv(4, 3, init=normal(sdt=0.1)) } #! E203")),
    Bad("one too many", net("conv(4, 3, init=zeros(1)) #! E205"), says=("takes no arguments",)),
    Bad("given twice", net("conv(4, 3, init=normal(1, std=2)) #! E206")),
    Bad("one is missing", net("conv(4, 3, init=uniform(1)) #! E204"), says=("`high`",)),
    Bad("all are missing", net("conv(4, 3, init=normal) #! E601"), says=("`normal` needs `std`",)),
    Bad("an unknown word", net("conv(4, 3, init=kaiming_normal(mode=fan_uot)) #! E601"), says=("did you mean `fan_out`",)),
    Bad("a word of another", net("conv(4, 3, init=kaiming_normal(mode=same)) #! E601")),
    Bad("beyond its range", net("conv(4, 3, init=normal(-1)) #! E601")),
    Bad("bounds that cross", net("conv(4, 3, init=uniform(1, 0)) #! E602"), says=("0 does not lie above 1",)),
    Bad("a cut of nothing", net("conv(4, 3, init=trunc_normal(1, a=2)) #! E602")),
    Bad("a matrix for a vector", net("bn(init=orthogonal) #! E601"), says=("an initialiser of a vector",)),
    Bad("a matrix for a bias", net("conv(4, 3, bias_init=kaiming_normal) #! E601")),
    Bad("no initialiser", net("conv(4, 3, init=0.1) #! E601"), says=("`kaiming_normal`", "`pytorch`")),
    Bad("a layer without weights", net("relu(init=zeros) #! E203")),
]  # fmt: skip


@each(BAD)
def test_bad(case: Bad) -> None:
    reject(case)


# --- what the built weights are --------------------------------------------------------------------------------------


def built(text: str, **settings: Any) -> Any:
    import torch

    torch.manual_seed(0)
    return archdsl.loads(text, **settings).build()


def filled(module: Any, value: float) -> bool:
    """Whether the weight of a module is this constant."""
    return bool((module.weight == value).all())


def random(module: Any) -> bool:
    return float(module.weight.detach().std()) > 0


pytestmark = pytest.mark.torch


class TestDefaults:
    def test_in_a_file(self) -> None:
        """From its line on, in all that the file declares."""
        text = """
        block before { conv(4, 1) }
        default conv(init=constant(2))
        block inside { conv(4, 1) -> { conv(4, 1) } -> for i in range(2) { conv(4, 1) } }
        network n {
          input x: [4, 8, 8]
          before -> inside -> conv(4, 1) -> conv(4, 1, init=constant(3)) -> depthwise(3) -> gap -> linear(4)
          output y
        }
        """
        n = built(text)
        assert random(n.before1.conv1)
        assert all(filled(conv, 2) for conv in n.inside1.children())
        assert len(list(n.inside1.children())) == 4
        assert filled(n.conv1, 2) and filled(n.conv2, 3)
        assert random(n.depthwise1) and random(n.linear1)

    def test_in_a_network(self) -> None:
        """Not inside blocks, also of the same file, and from its line on."""
        text = """
        block b { conv(4, 1) }
        network n {
          input x: [4, 8, 8]
          conv(4, 1)
          default conv(init=constant(2))
          conv(4, 1) -> b -> ( conv(4, 1) | { conv(4, 1) } ) -> add
          output y
        }
        """
        n = built(text)
        assert random(n.conv1) and random(n.b1.conv1)
        assert all(filled(conv, 2) for conv in (n.conv2, n.conv3, n.conv4))

    def test_argument_by_argument(self) -> None:
        text = """
        default conv(init=constant(2), bias_init=constant(5))
        network n {
          input x: [4, 8, 8]
          conv(4, 1)
          default conv(init=constant(3))
          conv(4, 1) -> conv(4, 1, bias_init=zeros) -> { default conv(bias_init=ones); conv(4, 1, init=pytorch) } -> conv(4, 1)
          output y
        }
        """
        n = built(text)
        found = [(n.conv1, 2, 5), (n.conv2, 3, 5), (n.conv3, 3, 0), (n.conv5, 3, 5)]
        for conv, weight, bias in found:
            assert filled(conv, weight) and bool((conv.bias == bias).all())
        assert random(n.conv4) and bool((n.conv4.bias == 1).all())

    def test_not_in_other_files(self, tmp_path: Path) -> None:
        """An imported block keeps the defaults of its own; as a value it carries those of where it is mentioned."""
        import torch

        (tmp_path / "parts.arch").write_text(
            "default conv(init=constant(7))\n"
            "block part(init = pytorch) { conv(4, 1) -> conv(4, 1, init=init) }\n"
            "block around(unit: block = part) { unit }\n"
        )
        spec = tmp_path / "spec.arch"
        spec.write_text(
            "from parts import part, around\n"
            "default conv(init=constant(2))\n"
            "default part(init=constant(3))\n"
            "network n { input x: [4, 8, 8]; part -> around -> around(part) -> conv(4, 1); output y }\n"
        )
        torch.manual_seed(0)
        n = archdsl.load(spec).build()
        assert filled(n.part1.conv1, 7) and filled(n.part1.conv2, 3)
        inner, carried = n.around1.part1, n.around2.part1
        assert filled(inner.conv1, 7) and random(inner.conv2)
        assert filled(carried.conv1, 7) and filled(carried.conv2, 3)
        assert filled(n.conv1, 2)

    def test_of_biases_alone(self) -> None:
        n = built(net("flatten -> linear(8) -> linear(8, bias=false)", "default linear(bias_init=zeros)"))
        assert random(n.linear1) and not n.linear1.bias.any()
        assert random(n.linear2) and n.linear2.bias is None


LOOPS = """
default conv(bias=false, init=normal(3))
block unit(c) { conv(c, 3) -> bn -> relu -> conv(c, 3) }
network n {
  input x: [4, 8, 8]
  unit(4) * 3
  conv(4, 3) * 2
  (conv(4, 3) -> relu) * 9
  for i in range(6) { "a{i}": conv(4, 3) }
  g: { conv(4, 3) * 7; deep: { conv(4, 3) -> relu } * 4 }
  ( conv(4, 3) for i in range(5) ) -> add
  ADDITION
  output y
}
"""


@pytest.mark.parametrize("addition", ["", "last: conv(4, 3, init=zeros)"], ids=["by the network", "weight by weight"])
def test_every_copy_has_a_draw_of_its_own(addition: str) -> None:
    """In loops, chains and nested groups, whichever part of the module does it; PyTorch's own deviation is 0.1."""
    n = built(LOOPS.replace("ADDITION", addition))
    drawn = [p.detach() for name, p in n.named_parameters() if p.dim() == 4 and not name.startswith("last.")]
    assert len(drawn) == 6 + 2 + 9 + 6 + 7 + 4 + 5
    assert all(2.3 < float(weight.std()) < 3.7 for weight in drawn)
    sums = {float(weight.sum()) for weight in drawn}
    assert len(sums) == len(drawn)


def test_a_shared_layer_is_initialised_once() -> None:
    text = """
    network n {
      input x: [4, 8, 8]
      share head = conv(4, 3, init=normal(3), bias_init=ones)
      head -> head * 2
      output y
    }
    """
    n = built(text)
    assert [name for name, _ in n.named_parameters()] == ["head.weight", "head.bias"]
    assert archdsl.loads(text).source().count("nn.init.normal_") == 1
    assert 2.3 < float(n.head.weight.detach().std()) < 3.7 and bool((n.head.bias == 1).all())


def test_each_instance_draws_anew() -> None:
    import torch

    arch = archdsl.loads(net("conv(4, 3, init=normal(1))"))
    torch.manual_seed(0)
    first, second = arch.build(), arch.build()
    torch.manual_seed(0)
    again = arch.build()
    assert not torch.equal(first.conv1.weight, second.conv1.weight)
    assert torch.equal(first.conv1.weight, again.conv1.weight)
