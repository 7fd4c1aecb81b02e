"""How forward reads: lines, names, comments."""

from __future__ import annotations

from tests.emit.generated import class_text
from tests.emit.test_classes import emit, net, spec


def body(source: str, name: str) -> list[str]:
    text = class_text(source, name)
    lines = text[text.index("def forward") :].rstrip().split("\n")[1:]
    return [line.strip() for line in lines]


def test_a_line_is_about_one_convolution() -> None:
    source = net("  conv(16, 3, stride=2) -> bn -> relu -> conv(8, 1) -> bn")
    assert body(source, "Net") == [
        "x = self.relu1(self.bn1(self.conv1(image)))  # [16, 4, 4]",
        "y: Tensor = self.bn2(self.conv2(x))  # [8, 4, 4]",
        "return y",
    ]


def test_norms_stand_before_what_they_prepare() -> None:
    source = net(
        "  unit -> unit",
        "block unit { ( it | bn -> relu -> conv(8, 1) -> bn -> relu -> conv(8, 3) ) -> add }",
    )
    assert body(source, "Unit") == [
        "y = self.conv1(self.relu1(self.bn1(x)))  # [8, 8, 8]",
        "y = self.conv2(self.relu2(self.bn2(y)))  # [8, 8, 8]",
        "x = x + y  # [in_channels, 8, 8]",
        "return x",
    ]


def test_names_of_the_text_stay() -> None:
    source = net("  e1 = conv(8, 3) -> relu\n  e2 = conv(8, 3)\n  ( e1 | e2 ) -> add -> conv(4, 1)")
    assert body(source, "Net") == [
        "e1 = self.relu1(self.conv1(image))  # [8, 8, 8]",
        "e2 = self.conv2(e1)  # [8, 8, 8]",
        "x = e1 + e2  # [8, 8, 8]",
        "y: Tensor = self.conv3(x)  # [4, 8, 8]",
        "return y",
    ]


def test_branches_are_counted() -> None:
    source = net("  ( conv(4, 1) | conv(4, 1) -> conv(4, 3) | maxpool(3, stride=1, pad=1) ) -> concat")
    assert body(source, "Net") == [
        "branch1 = self.conv1(image)  # [4, 8, 8]",
        "branch2 = self.conv2(image)  # [4, 8, 8]",
        "branch2 = self.conv3(branch2)  # [4, 8, 8]",
        "branch3 = self.maxpool1(image)  # [8, 8, 8]",
        "return torch.cat([branch1, branch2, branch3], dim=1)  # [16, 8, 8]",
    ]


def test_labelled_levels_name_what_they_give() -> None:
    """Where others go by before it is read; what is read at once is called x."""
    source = net(
        "  stem: unit; ( shortcut: unit | conv(8, 3) -> conv(8, 3) ) -> add",
        "block unit { conv(8, 1) -> bn }",
    )
    assert body(source, "Net") == [
        "stem = self.stem(image)  # [8, 8, 8]",
        "shortcut = self.shortcut(stem)  # [8, 8, 8]",
        "x = self.conv1(stem)  # [8, 8, 8]",
        "x = self.conv2(x)  # [8, 8, 8]",
        "y: Tensor = shortcut + x  # [8, 8, 8]",
        "return y",
    ]


def test_branches_are_called_by_what_their_labels_share() -> None:
    """A branch without a label beside them is called by its layer; labels that are no names of variables are none."""
    source = net(
        """  ( one: unit
  | three_1: unit -> three_2: unit -> three_3: unit
  | Big_1: unit -> Big_2: unit
  | maxpool(3, stride=1, pad=1)
  ) -> concat""",
        "block unit { conv(8, 1) -> bn }",
    )
    assert body(source, "Net") == [
        "one = self.one(image)  # [8, 8, 8]",
        "three = self.three_1(image)  # [8, 8, 8]",
        "three = self.three_2(three)  # [8, 8, 8]",
        "three = self.three_3(three)  # [8, 8, 8]",
        "unit = self.Big_1(image)  # [8, 8, 8]",
        "unit = self.Big_2(unit)  # [8, 8, 8]",
        "maxpool = self.maxpool1(image)  # [8, 8, 8]",
        "return torch.cat([one, three, unit, maxpool], dim=1)  # [32, 8, 8]",
    ]


def test_short_branches_stand_where_they_are_joined() -> None:
    """Not what is long, nor what the flow itself goes through, nor what has a name; calls keep their order."""
    more = "block pair { ( it | bn -> conv(8, 3) ) -> add; ( conv(4, 1) | conv(4, 3) ) -> concat }\n"
    source = net("  pair; e = conv(8, 3); ( it | relu ) -> sub; ( e | it ) -> mul", more)
    assert body(source, "Pair") == [
        "x = x + self.conv1(self.bn1(x))  # [in_channels, 8, 8]",
        "return torch.cat([self.conv2(x), self.conv3(x)], dim=1)  # [8, 8, 8]",
    ]
    assert body(source, "Net") == [
        "x = self.pair1(image)  # [8, 8, 8]",
        "e = self.conv1(x)  # [8, 8, 8]",
        "x = e - self.relu1(e)  # [8, 8, 8]",
        "y: Tensor = e * x  # [8, 8, 8]",
        "return y",
    ]
    source = net("  ( relu -> tanh -> sigmoid -> relu | bn ) -> sub")
    assert body(source, "Net")[-2] == "y: Tensor = x - self.bn1(image)  # [8, 8, 8]"


def test_letters_for_sizes_that_differ() -> None:
    source = net(
        "  unit(8) -> unit(16) -> unit(32)",
        "block unit(c) { ( it | conv(it.channels, 3) ) -> add -> conv(c, 3, stride=2) -> relu }",
        "[4, 64, 48]",
    )
    assert body(source, "Unit") == [
        "x = x + self.conv1(x)  # [in_channels, H, W]",
        "x = self.relu1(self.conv2(x))  # [c, H // 2, W // 2]",
        "return x",
    ]


def test_shared_layers_are_handed_down() -> None:
    source = net(
        "  share head = conv(8, 3)\n  head -> unit(head)", "block unit(h: layer) { conv(8, 1) -> h }"
    )
    assert "def forward(self, x: Tensor, head: nn.Module) -> Tensor:" in source
    assert "self.unit1(x, self.head)" in source


def test_shared_parameters_are_handed_down() -> None:
    source = net("  share w = layerscale\n  w -> unit(w)", "block unit(h: layer) { conv(8, 1) -> h }")
    assert "def forward(self, x: Tensor, w: Tensor) -> Tensor:" in source


def test_runs_loop_in_forward() -> None:
    source = net(
        "  conv(8, 3) -> unit * 20 -> conv(8, 3)",
        "block unit takes *xs { ( xs | xs -> add -> conv(8, 1) ) -> concat -> conv(8, 1) }",
    )
    assert "self.unit1 = nn.Sequential(*(Unit(8) for _ in range(20)))" in source
    source = net("  for i in range(9) { unit }", "block unit { ( it | conv(8, 3) ) -> add }")
    assert "for i in range(9):" in source
    assert 'getattr(self, f"unit{i + 1}")(y)' in source


def test_several_tensors_in_a_run() -> None:
    source = net(
        "  ( it | it ) -> pair -> pair * 7 -> add",
        "block pair takes a, b { ( a -> conv(8, 3) | b -> conv(8, 1) ) }",
    )
    assert "class PairStack(nn.ModuleList):" in source
    assert (
        "super().__init__(Pair2() for _ in range(7))" in source
        or "super().__init__(Pair() for _ in range(7))" in source
    )
    assert "for pair in self:" in source


def test_a_bundle_goes_whole_into_a_join() -> None:
    source = net("  parts: ( conv(4, 1) | conv(4, 3) | conv(4, 5) ) -> concat")
    assert "torch.cat(parts, dim=1)" in source or "torch.cat(self.parts(image), dim=1)" in source


def test_a_network_of_several_inputs() -> None:
    source = emit(
        "network net { input a: [4, 8, 8]; input b: [4, 8, 8]; ( a | b -> conv(4, 1) ) -> add; output y }"
    )
    assert "def forward(self, a: Tensor, b: Tensor) -> Tensor:" in source


def test_several_results_of_a_module_are_named_alike() -> None:
    """Numbered behind its label: the names are apart from those of other modules."""
    source = net(
        "  pair: two -> two1: two2 -> joined: one",
        "block two { ( conv(8, 3) | conv(8, 1) ) }\nblock two2 takes a, b { ( a -> conv(8, 3) | b -> conv(8, 1) ) }\n"
        "block one takes a, b { ( a | b ) -> add -> conv(8, 1) }",
    )
    assert body(source, "Net") == [
        "pair1, pair2 = self.pair(image)  # [8, 8, 8], [8, 8, 8]",
        "two1_1, two1_2 = self.two1(pair1, pair2)  # [8, 8, 8], [8, 8, 8]",
        "y: Tensor = self.joined(two1_1, two1_2)  # [8, 8, 8]",
        "return y",
    ]


def test_numbered_children_are_items() -> None:
    """Labels 0, 1, … of a group or a block that is no chain make an nn.ModuleList."""
    source = net(
        '  b: ( "0": (conv(8, 3) -> bn) | "1": (conv(8, 3) -> bn) ) -> add -> up(2) -> up(4)',
        'block up(scale) { "0": conv(8, 1) -> "1": bn -> upsample(scale) }',
    )
    assert class_text(source, "B").startswith("class B(nn.ModuleList):")
    assert body(source, "B") == [
        "return self[0](x), self[1](x)  # [8, 8, 8], [8, 8, 8]",
    ]
    assert body(source, "Up") == [
        "return F.interpolate(self[1](self[0](x)), scale_factor=self.scale)  # [8, H_out, W_out]"
    ]


def test_what_is_made_last_is_returned_at_once() -> None:
    """A tuple with a comment for each member, where they do not fit on one line; not what is read before."""
    source = net(
        "  many -> add; two -> add",
        """block many { ( conv(100, 1) | conv(100, 3) | conv(100, 5) | conv(100, 7) ) }
block two { a = conv(8, 1); ( a | conv(8, 3) ) }""",
    )
    assert body(source, "Many") == [
        "return (",
        *(f"self.conv{i}(x),  # [100, 8, 8]" for i in (1, 2, 3, 4)),
        ")",
    ]
    assert body(source, "Two") == [
        "a = self.conv1(x)  # [8, 8, 8]",
        "x = self.conv2(a)  # [8, 8, 8]",
        "return a, x",
    ]


def test_odd_names_are_keys() -> None:
    """Numbers with gaps are keys of an nn.ModuleDict, where those with names come behind."""
    group = '{{ "0": conv(8, 3) -> permute([0, 2, 1]) -> "2": bn -> {last}: relu }}'
    text = class_text(net("  g: " + group.format(last="act")), "G")
    assert text.startswith("class G(nn.ModuleDict):")
    assert 'super().__init__({"0": nn.Conv2d(8, 8, 3, padding=1), "2": nn.BatchNorm2d(8)})' in text
    assert "        self.act = nn.ReLU()\n" in text
    assert 'self["2"](self["0"](x).permute(0, 1, 3, 2))' in text
    text = class_text(net("  g: " + group.format(last="keys")), "G")  # every nn.ModuleDict has `keys`
    assert text.startswith("class G(nn.Module):") and 'self.add_module("2", nn.BatchNorm2d(8))' in text


def test_a_number_stands_apart_from_a_name_that_ends_in_one() -> None:
    source = net(
        "  x1 = conv(8, 3)\n  let old = x1\n  x1 = conv(8, 1)\n  ( old | x1 ) -> two",
        "block two takes a, b { ( a | b ) -> add -> conv(8, 1) }",
    )
    assert body(source, "Net")[:2] == [
        "x1 = self.conv1(image)  # [8, 8, 8]",
        "x1_2 = self.conv2(x1)  # [8, 8, 8]",
    ]


def test_numbered_children_that_differ_are_items_too() -> None:
    """Of elements that one loop makes: the first is another class, and what differs in the others grows unevenly."""
    source = net(
        "  stack: for i in range(4) { step(2 ** i) } -> add",
        """block step(d) takes x, *sums {
          ( x -> conv(8, 3, dilation=d) | ( sums | x -> conv(8, 1) ) -> add )
        }""",
    )
    assert class_text(source, "Stack").startswith("class Stack(nn.ModuleList):")
    assert body(source, "Stack") == [
        "x, y = self[0](x)  # [8, 8, 8], [8, 8, 8]",
        "x, y = self[1](x, y)  # [8, 8, 8], [8, 8, 8]",
        "x, y = self[2](x, y)  # [8, 8, 8], [8, 8, 8]",
        "x, y = self[3](x, y)  # [8, 8, 8], [8, 8, 8]",
        "return x, y",
    ]


def test_what_is_kept_has_its_label_for_a_name() -> None:
    """A tensor that others go by before it is read for the last time; what is read at once is called x again."""
    source = net(
        "  a: unit; let first = it; b: unit; let second = it\n"
        "  maxpool(2) -> c: unit -> upsample(2); ( it | second ) -> add -> d: unit; ( it | first ) -> add",
        "block unit { conv(8, 3) -> relu }",
    )
    assert body(source, "Net")[:4] == [
        "a = self.a(image)  # [8, 8, 8]",
        "x = self.b(a)  # [8, 8, 8]",
        "x = F.interpolate(self.c(self.maxpool1(x)), scale_factor=2) + x  # [8, 8, 8]",
        "x = self.d(x)  # [8, 8, 8]",
    ]


def test_tensors_of_one_name_have_the_same_numbers_within() -> None:
    """The pyramid of RetinaNet calls two of its maps `top`; its inner part takes the later one first."""
    source = spec("retinanet", "retinanet")
    assert "def forward(self, top2: Tensor, top: Tensor, x: Tensor)" in class_text(source, "LayerBlocks")
    assert "top2, top, inner_blocks3" in class_text(source, "Fpn")
