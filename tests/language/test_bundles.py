"""Bundles at their limits, as modules: what is computed is held against the same network written by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import archdsl

pytestmark = pytest.mark.torch


def built(text: str, **settings: Any) -> tuple[archdsl.Architecture, Any, Any, Callable[[str, Any], Any]]:
    """The architecture, its module, an input of two samples, and a call of a child by its path."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    arch = archdsl.loads(text, **settings)
    net = arch.build()
    assert sum(p.numel() for p in net.parameters()) == arch.params
    image = torch.randn(2, *next(iter(arch.inputs.values())))
    return arch, net, image, lambda path, x: net.get_submodule(path)(x)


def hold(net: Any, image: Any, *expected: Any) -> None:
    """The outputs are the expected ones, and every weight has a part in them."""
    import torch

    found = net(image)
    found = [found] if isinstance(found, torch.Tensor) else list(found)
    assert [list(t.shape) for t in found] == [list(t.shape) for t in expected]
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs)
    sum(t.square().mean() for t in found).backward()
    assert [name for name, p in net.named_parameters() if p.grad is None or not p.grad.any()] == []


NODE = """
block node(c) takes x, *children {
  expect len(children) == n
  ( x -> own: conv(c, 1) | children ) -> concat -> all: conv(c, 1)
}
let n = COUNT
network net {
  input image: [3, 6, 6]
  x = conv(2, 1)
  let children = []
  for i in range(n) { child = image -> "child{i}": conv(i + 1, 3); let children = children + [child] }
  ( x | children ) -> node: node(5)
  output y
}
"""


@pytest.mark.parametrize("count", [0, 1, 2, 6])
def test_takes_the_rest(count: int) -> None:
    """`takes x, *children` with none, one and many."""
    import torch

    arch, net, image, call = built(NODE.replace("COUNT", str(count)))
    assert arch.warnings == []
    own = call("node.own", call("conv1", image))
    children = [call(f"child{i}", image) for i in range(count)]
    hold(net, image, call("node.all", torch.cat([own, *children], dim=1)))


def test_takes_the_rest_of_each_length_in_one_network() -> None:
    """One block, applied to one, two and four tensors: each instance has the weights that it needs."""
    import torch

    text = """
    block node takes x, *children { concat -> conv: conv(2, 1) -> tanh }
    network net {
      input image: [3, 6, 6]
      a = a: node
      b = ( a | image ) -> b: node
      c = ( b | [a, a, image] ) -> c: node
      output y
    }"""
    _, net, image, call = built(text)
    a = call("a.conv", image).tanh()
    b = call("b.conv", torch.cat([a, image], dim=1)).tanh()
    hold(net, image, call("c.conv", torch.cat([b, a, a, image], dim=1)).tanh())


@pytest.mark.parametrize("times", [0, 1, 2, 7])
def test_two_paths_through_copies(times: int) -> None:
    """A pair of tensors is carried through `*`; one of them grows, so that all copies differ."""
    import torch

    text = f"""
    block dual(growth) takes sum, dense {{
      more, new = ( sum | dense ) -> concat -> conv: conv(sum.channels + growth, 3) -> split([sum.channels, growth])
      ( ( sum | more ) -> add | ( dense | new ) -> concat )
    }}
    network net {{
      input image: [3, 6, 6]
      ( first: conv(4, 1) | second: conv(1, 1) )
      duals: dual(2) * {times}
      expect len(it) == 2 and it[1].channels == 1 + 2 * {times}
      output y
    }}"""
    _, net, image, call = built(text)
    total, dense = call("first", image), call("second", image)
    for i in range(times):
        found = call(f"duals.{i}.conv", torch.cat([total, dense], dim=1))
        total, dense = total + found[:, :4], torch.cat([dense, found[:, 4:]], dim=1)
    hold(net, image, total, dense)


@pytest.mark.parametrize("times", [1, 2, 3, 8])
def test_members_that_change_places(times: int) -> None:
    """What is second comes first in the next copy, with all three alike in shape."""
    text = f"""
    block turn takes a, b, c {{ ( b -> conv(2, 1) | c | a ) }}
    network net {{
      input image: [3, 6, 6]
      ( p: conv(2, 1) | q: conv(2, 1) | r: conv(2, 1) ) -> turn * {times}
      output y
    }}"""
    _, net, image, call = built(text)
    a, b, c = (call(name, image) for name in "pqr")
    for turn in net.get_submodule("turn1") if times > 1 else [net.get_submodule("turn1.0")]:
        (conv,) = turn.children()
        a, b, c = conv(b), c, a
    hold(net, image, a, b, c)


def test_a_bundle_that_grows_by_one_in_each_copy() -> None:
    """As many tensors more leave as copies were made; none of the copies is like another."""
    import torch

    text = """
    block more takes *seen { ( seen | seen -> concat -> conv(2, 1) ) }
    network net { input image: [3, 6, 6]; grown: more * 4; expect len(it) == 5; concat; output y }"""
    _, net, image, _ = built(text)
    seen = [image]
    for more in net.get_submodule("grown").children():
        (conv,) = more.children()
        seen.append(conv(torch.cat(seen, dim=1)))
    hold(net, image, torch.cat(seen, dim=1))


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_bundles_in_a_list(depth: int) -> None:
    """A triangle of nested skips: column j of a row is made of all before it in the row and of one below."""
    import torch

    text = f"""
    network net {{
      input image: [2, 16, 16]
      let columns = [[]]
      x = image
      for i in range({depth}) {{
        x = x -> if i > 0 {{ maxpool(2) }} -> "x{{i}}_0": conv(2, 3)
        let columns = [columns[0] + [x]]
      }}
      for j in range(1, {depth}) {{
        let column = []
        for i in range({depth} - j) {{
          node = ( [c[i] for c in columns] | columns[j - 1][i + 1] -> upsample(2, mode=nearest) ) -> concat
            -> "x{{i}}_{{j}}": conv(2, 3)
          let column = column + [node]
        }}
        let columns = columns + [column]
      }}
      expect [len(c) for c in columns] == [{depth} - j for j in range({depth})]
      [c[0] for c in columns]
      output y
    }}"""
    from torch.nn.functional import interpolate, max_pool2d

    _, net, image, call = built(text)
    x: dict[tuple[int, int], Any] = {}
    for i in range(depth):
        x[i, 0] = call(f"x{i}_0", image if i == 0 else max_pool2d(x[i - 1, 0], 2))
    for j in range(1, depth):
        for i in range(depth - j):
            below = interpolate(x[i + 1, j - 1], scale_factor=2)
            x[i, j] = call(f"x{i}_{j}", torch.cat([*(x[i, k] for k in range(j)), below], dim=1))
    hold(net, image, *(x[0, j] for j in range(depth)))


EXCHANGE = """
block bring(to: tensor, steps: int) {
  for _ in range(steps) { conv(to.channels, 3, stride=2) -> tanh }
  if steps < 0 { conv(to.channels, 1) -> upsample(2 ** -steps, mode=nearest) }
}
block exchange takes *streams {
  ( ( s -> "from{j}_to{i}": bring(to, i - j) for j, s in enumerate(streams) ) -> add for i, to in enumerate(streams) )
}
network net {
  input image: [3, 16, 16]
  let streams = [image]
  for i in range(COUNT - 1) { x = streams[-1] -> conv(i + 4, 3, stride=2); let streams = streams + [x] }
  streams -> exchanges: exchange * 2
  expect [s.channels for s in it] == [i + 3 for i in range(COUNT)]
  output y
}
"""


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_an_exchange(count: int) -> None:
    """Each of n streams gets something of all n, twice over; with one stream nothing is left to do."""
    from torch.nn.functional import interpolate

    arch, net, image, call = built(EXCHANGE.replace("COUNT", str(count)))
    streams = [image]
    for i in range(count - 1):
        streams.append(call(f"conv{i + 1}", streams[-1]))
    for turn in range(2):
        sums = []
        for i in range(count):
            total = 0
            for j, part in enumerate(streams):
                steps = i - j
                name = f"exchanges.{turn}.from{j}_to{i}"
                for k in range(steps):
                    part = call(f"{name}.conv{k + 1}", part).tanh()
                if steps < 0:
                    part = interpolate(call(f"{name}.conv1", part), scale_factor=2**-steps)
                total = total + part
            sums.append(total)
        streams = sums
    if count > 1:
        hold(net, image, *streams)
    else:
        assert arch.params == 0 and net(image).equal(image)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_tree_that_hands_on_its_children(depth: int) -> None:
    """Recursion with a rest that grows on the way down (Yu et al., 2018, Fig. 2f)."""
    import torch

    text = f"""
    block tree(depth) takes x, *children {{
      if depth == 0 {{ x -> conv: conv(2, 1) -> tanh }}
      elif depth == 1 {{
        a = x -> left: tree(0)
        b = right: tree(0)
        ( b | a | children ) -> concat -> root: conv(2, 1)
      }} else {{
        a = x -> left: tree(depth - 1)
        ( a | children | a ) -> right: tree(depth - 1)
      }}
    }}
    network net {{
      input image: [3, 6, 6]
      ( image | conv(1, 1) ) -> tree: tree({depth})
      output y
    }}"""
    _, net, image, call = built(text)

    def tree(path: str, depth: int, x: Any, children: list[Any]) -> Any:
        if depth == 0:
            return call(f"{path}.conv", x).tanh()
        if depth == 1:
            a = tree(f"{path}.left", 0, x, [])
            b = tree(f"{path}.right", 0, a, [])
            return call(f"{path}.root", torch.cat([b, a, *children], dim=1))
        a = tree(f"{path}.left", depth - 1, x, [])
        return tree(f"{path}.right", depth - 1, a, [*children, a])

    hold(net, image, tree("tree", depth, image, [call("conv1", image)]))


def test_a_bundle_of_one_is_a_tensor_on_every_way() -> None:
    """Through `takes`, a fork, `*`, an index, a slice and a join."""
    text = """
    block only takes *all { ( t -> conv(3, 1) for t in all ) }
    network net {
      input image: [3, 6, 6]
      one = ( identity for _ in range(1) ) -> only * 3
      let same = [one]
      ( same[0] -> a: conv(3, 1) | same[:1] -> b: conv(3, 1) | same + [] -> add -> c: conv(3, 1) ) -> mul
      output y
    }"""
    _, net, image, call = built(text)
    x = image
    for only in net.get_submodule("only1").children():
        (conv,) = only.children()
        x = conv(x)
    hold(net, image, call("a", x) * call("b", x) * call("c", x))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_a_stack_of_one(axis: int) -> None:
    """A new axis of 1, as of any other number."""
    import torch

    text = f"""network net {{
      input image: [2, 3, 4]
      ( conv: conv(2, 1) for _ in [0] ) -> stack(axis={axis})
      output y
    }}"""
    _, net, image, call = built(text)
    hold(net, image, torch.stack([call("conv", image)], dim=axis % 4 + 1))
