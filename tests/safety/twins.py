"""Two specs of one structure: one with names and texts meant to do harm, one with harmless ones."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from archdsl.graph.naming import MODULE_ATTRIBUTES, SEQUENTIAL_ATTRIBUTES

#: Every place of a spec that holds a name (`$name`) or a text (`@text`) of its author.
MAIN = """\
"@file_doc"  # @comment
from $module import $imported as $alias
let $value = 2
def $function($argument) = $argument * $value
let $word = "@word"

block $unit($width, $kernel = 3, $note = "@default") {
  "@block_doc"
  conv($function($width), $kernel, bias=false) -> bn -> relu  # @comment
}

block $fuse($width) takes $left, $right {
  "@second_doc"
  $part = $left -> conv($width, 1)
  ( $part | $right -> conv($width, 1) ) -> add
}

block $passed($body: layer) { $label_in_block: $body -> relu }

extern block $extern($channels, $said) {
  python = "tests.safety.kept.Kept({$channels}, [{$said}], said={$said}, told={{'<{$said}>': {$channels}}})"
  shape = in.shape
  params = 0
  macs = 0
}

network $network($depth = 2, $text = "@setting") {
  "@network_doc"
  input $first: [3, $height=8, $size=8]
  input $second: [3, 8, 8]
  expect $height == $size, "@expectation"
  $low = $first -> $unit(4)
  $high = $second -> { $label: $unit(4); "$string_label{$depth + 40}": conv(8, 3) }
  ( $low | $high ) -> $fuse(8)
  share $shared = conv(8, 3)
  for $index in range($depth) { "$row{$index + 7}": { $shared; relu } }
  $group: { $inner: conv(8, 1); bn; $deepest: { conv(8, 1, init=normal(0.5)); relu } }
  $alias(8) -> $alias(4) -> $alias(8)
  $passed(conv(8, 1))
  $extern(8, "@argument")
  $tail = $unit(3, 1)
  output $side = gap -> linear(3) when training
  output $other = $low -> relu
  gap -> linear(5)
  output $main
}

model $model = $network(2) { expect params > 1, "@model_expectation" }
"""
BESIDE = """\
"@library_doc"
block $imported($many) {
  "@imported_doc"
  { conv($many, 1); reshape([$many, 64]) -> reshape([$many, 8, 8]) }
}
"""

NAMES = sorted(set(re.findall(r"\$(\w+)", MAIN + BESIDE)))
TEXTS = sorted(set(re.findall(r"@(\w+)", MAIN + BESIDE)))
LABELS = {"label", "string_label", "row", "group", "inner", "deepest", "label_in_block", "shared"}


@dataclass(frozen=True)
class Twin:
    """A spec, and the file beside it that it imports from."""

    main: str
    beside: str
    names: dict[str, str]
    texts: dict[str, str]

    @property
    def module(self) -> str:
        return self.names["module"]


def written(text: str) -> str:
    """A text as a string of the language has it."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")


def twin(names: dict[str, str], texts: dict[str, str]) -> Twin:
    """The specs with these names and texts in their places. A comment is a line without what ends it."""
    comment = re.sub("[\r\n]", " ", texts["comment"])

    def fill(template: str) -> str:
        template = re.sub(r"\$(\w+)", lambda match: names[match[1]], template)
        return re.sub(
            r"@(\w+)",
            lambda match: comment if match[1] == "comment" else written(texts[match[1]]),
            template,
        )

    return Twin(fill(MAIN), fill(BESIDE), names, texts)


#: What Python, PyTorch and the generated code itself have names for, and what could end up as an attribute.
_NAMES = """
    self cls super nn torch F math Tensor forward train print int float str bool tuple dict set object type
    id len property staticmethod classmethod isinstance getattr setattr delattr eval exec compile open
    input_ __import__ __class__ __init__ __dict__ __name__ __all__ __main__ __builtins__ __call__
    __getattr__ __del__ __doc__ _ __ ___ _parameters _modules _buffers parameters modules children buffers
    state_dict load_state_dict register_parameter add_module T_destination dump_patches call_super_init
    zero_grad requires_grad_ to cuda half double None True False class def_ return lambda yield await async
    global nonlocal assert del try except finally raise with while pass break continue is match case type_
    annotations exit quit copyright license Module ModuleList ModuleDict Sequential Parameter Conv2d
    BatchNorm2d ReLU Linear Dropout Identity OrderedDict NamedTuple Network Unit Fuse Part Output
    NetworkOutput x y z u v w x2 y2 i j i0 i1 i2 layer module weight bias init k n h c weight_ layers blocks
    name fget conv1 bn1 relu1 conv2 linear1 add1 unit1 fuse1 conv1_1 stage1 stage2 archdsl_generated os sys
    builtins importlib subprocess socket pickle ctypes collections typing jinja2 template self_ cls_ torch_
    nn_ Tensor_ __a a__ _a __a__ A a AA Aa aA a1 a2 a_1 B b b1 ValueError Exception BaseException
    StopIteration KeyboardInterrupt SystemExit Ellipsis NotImplemented append extend insert pop keys items
    values count index fields_ _fields _replace _asdict _make modules_ named_parameters apply eval_
    share_memory extra_repr training_ T mT H
"""
HOSTILE_NAMES = _NAMES.split()

#: What might end a string, a comment, a line, a tag, a record or an attribute, or look like something else.
HOSTILE_TEXTS = [
    '"""',
    "'''",
    "'",
    '"',
    "\\",
    '\\"',
    '\\""" + __import__("os").system("true") + """',
    '"""\nimport os\nos.system("true")\n"""',
    "\n\nimport os\n",
    "\\\n",
    "{0.__class__.__mro__}",
    "{}",
    "{{",
    "}}",
    "%s%n",
    "${PATH}`id`$(id)",
    "{{ 7 * 7 }}{% raw %}{# x #}",
    "# -*- coding: utf-7 -*-",
    "\N{FULLWIDTH QUOTATION MARK}\N{FULLWIDTH APOSTROPHE}\N{MODIFIER LETTER DOUBLE APOSTROPHE}",
    "\N{FULLWIDTH LEFT PARENTHESIS}\N{GREEK QUESTION MARK}\N{ZERO WIDTH SPACE}\N{SOFT HYPHEN}",
    "\x0b\x0c\x1c\x1d\x1e\x7f\x80\x9b31m",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07\x1b]8;;http://x\x07",
    "\a\b\b\b\b",
    "<script>alert(1)</script>",
    '"/><image href="javascript:alert(1)" onload="x"/>',
    "</text></svg>",
    "]]><![CDATA[",
    "<!-- -- -->",
    "&lt;&#60;&amp;&nbsp;&x;",
    "<B>bold</B><BR/><TABLE>",
    '"]; evil [shape=box, URL="javascript:alert(1)"]; x [label="',
    ">] -> {a b c}; subgraph cluster_x {",
    "\\N\\G\\L\\l\\r\\E\\T\\H",
    "a|b{c}<p>",
    "\n::error::PWNED",
    "%0A::error::PWNED",
    "::set-output name=x::PWNED",
    "##[error]PWNED",
    "=cmd|' /C calc'!A0",
    "\ufeff\ufffe\U0010ffff\ue000",
    "x" * 300,
    "",
    " ",
]


def readable(text: str) -> str:
    """Without characters at which a spec is refused when it is read."""
    return re.sub("[\0\r\x85\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", "?", text)


_hostile = st.one_of(
    st.sampled_from(HOSTILE_TEXTS),
    st.lists(st.sampled_from(HOSTILE_TEXTS), max_size=3).map("".join),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
    st.text("\"'\\{}\n#%<>&;|-", max_size=8),
).map(readable)


def _benign(names: dict[str, str]) -> dict[str, str]:
    """Other names, as long and with the numbers at their ends: how long a line is and how labels are counted matters."""
    found = {}
    for number, (place, name) in enumerate(names.items()):
        stem = name.rstrip("0123456789")
        word = f"q{chr(97 + number // 26)}{chr(97 + number % 26)}"
        found[place] = word.ljust(len(stem), "q") + name[len(stem) :]
    return found


def refused(label: str) -> bool:
    """Whether no label may be this."""
    return (
        keyword.iskeyword(label)
        or label.startswith("__")
        or label in MODULE_ATTRIBUTES | SEQUENTIAL_ATTRIBUTES
    )


def assigned(shuffled: Sequence[str]) -> dict[str, str]:
    """A name for each place, from a list in any order; labels get those that labels may be."""
    legal = [name for name in shuffled if not refused(name)]
    labels = dict(zip(sorted(LABELS), legal, strict=False))
    others = [name for name in shuffled if name not in labels.values()]
    return labels | dict(zip([place for place in NAMES if place not in LABELS], others, strict=False))


@st.composite
def twins(draw: st.DrawFn, pool: Sequence[str]) -> tuple[Twin, Twin]:
    """A spec that means harm and its harmless twin."""
    names = assigned(draw(st.permutations(pool)))
    return twin(names, {place: draw(_hostile) for place in TEXTS}), harmless(names)


def harmless(names: dict[str, str]) -> Twin:
    return twin(_benign(names), dict.fromkeys(TEXTS, "words"))
