"""What the fuzzer feeds, each a function of bytes: nothing but `ArchError` leaves archdsl, and the oracles hold."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from archdsl.api import ArchError, Options
from archdsl.diagnostics import Collector
from archdsl.limits import Limits
from archdsl.resources import decode_source
from archdsl.syntax.parser import parse, parse_expression
from tests.property.meaning import pairs
from tests.property.oracles import hold, hold_all, made, rendered, runs, told, well_placed
from tests.property.whole import opened, program

#: Small, so that a text which makes much of itself is soon done with.
SMALL = Options(limits=Limits(depth=30, nodes=500))
#: A longer text shows nothing that a shorter one does not, and takes its time.
LONGEST = 4096


def text(data: bytes) -> str | None:
    """The text in the bytes, if they are one."""
    try:
        return decode_source(data[:LONGEST], "<bytes>").text
    except ArchError as error:
        well_placed(error.diagnostics)
        rendered(error.diagnostics)
        return None


def parser(data: bytes) -> None:
    """Bytes to a tree, as a file and as an expression; the same twice."""
    try:
        source = decode_source(data[:LONGEST], "<bytes>")
    except ArchError as error:
        well_placed(error.diagnostics)
        rendered(error.diagnostics)
        return
    for reader in (parse, parse_expression):
        first, second = Collector(), Collector()
        tree = reader(source, first)
        assert tree is not None or first.has_errors, "no tree, and nothing is said"
        well_placed(first.diagnostics)
        assert (reader(source, second) is None) == (tree is None)
        assert rendered(first.diagnostics) == rendered(second.diagnostics)


def elaborator(data: bytes) -> None:
    """A text to what is found in all of its models."""
    content = text(data)
    if content is not None:
        hold("<bytes>", content, SMALL, models=4)


def modules(data: bytes) -> None:
    """A text that is accepted to its module, drawing and summary; the module runs on the meta device."""
    content = text(data)
    if content is not None:
        hold_all(content, "<bytes>", SMALL)


class Choices(Random):
    """Chance that is bytes; behind their end always the first of what there is to choose."""

    def __new__(cls, data: bytes) -> Choices:
        return super().__new__(cls)

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        super().__init__(0)

    def taken(self, count: int) -> int:
        self.at += count
        return int.from_bytes(self.data[self.at - count : self.at].ljust(count, b"\0"))

    def random(self) -> float:
        return self.taken(1) / 256

    def getrandbits(self, bits: int) -> int:
        count = -(-bits // 8)
        return self.taken(count) >> (8 * count - bits)


def programs(data: bytes) -> None:
    """Choices to a valid program, which is the network that its writer means."""
    drawn = program(Choices(data))
    if drawn is None:
        return
    spec = opened(drawn)
    assert not [d for d in told(spec, models=9) if d.is_error], drawn.text
    for model, stated in drawn.models.items():
        architecture = spec.architecture(model)
        pairs(stated, architecture._graph)
        assert architecture.params == stated.params()
        runs(architecture, made(architecture)["module"])


TARGETS: dict[str, Callable[[bytes], None]] = {
    "parser": parser,
    "elaborator": elaborator,
    "modules": modules,
    "programs": programs,
}
#: whose bytes are choices, not text
BY_CHOICES = frozenset({"programs"})


def planted(data: bytes) -> None:
    """Dies of a word of the language, to show that what dies is found, made short and kept."""
    assert b"class_token" not in data, "planted"


#: Targets that are no part of a run of all.
HIDDEN: dict[str, Callable[[bytes], None]] = {"planted": planted}
