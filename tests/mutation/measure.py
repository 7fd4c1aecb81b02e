"""What archdsl says of a mutant: how many errors, where, and whether silence was right."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from time import perf_counter
from types import FrameType
from zlib import crc32

from archdsl.api import Architecture, Options, Spec
from archdsl.diagnostics import Diagnostic, text
from archdsl.limits import Limits
from archdsl.source import Source
from tests.mutation.kinds import Kind
from tests.mutation.page import Edit, Page

SPECS = Path(__file__).parents[2] / "specs"
#: Larger than any model of the zoo; smaller than what the commands allow, so that a big number costs no time here.
OPTIONS = Options(limits=Limits(nodes=50_000))
#: A mutant that takes longer counts as one that never ends.
SECONDS = 30
#: Of the mutants that are accepted and differ, one in so many is built and run.
BUILT = 8


@dataclass(frozen=True, slots=True)
class Said:
    """One error: its code, the file and line that are blamed, the lines that its labels name, and the sentence."""

    code: str
    file: str
    line: int
    labels: tuple[tuple[str, int], ...]
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one mutant. `lines` are those that the edit touched, in the text after it.

    `verdict` is `errors`, `equivalent` (the generated modules are the original's, byte for byte), `silent`, or
    `crash`: an exception, or no end. `fault` says what is wrong with a program that was accepted, or how it crashed.
    """

    kind: str
    spec: str
    edit: Edit
    lines: frozenset[int]
    verdict: str
    said: tuple[Said, ...] = ()
    warnings: int = 0
    fault: str = ""
    seconds: float = 0.0

    @property
    def counts(self) -> bool:
        """Whether there is a mistake that something must be said of."""
        return self.verdict in ("errors", "crash") or bool(self.fault)

    @property
    def alone(self) -> bool:
        """Whether it is exactly one error."""
        return len(self.said) == 1

    @property
    def on_line(self) -> bool:
        """Whether the first error blames a line that the edit touched."""
        return bool(self.said) and self.said[0].file == self.spec and self.said[0].line in self.lines

    @property
    def named(self) -> bool:
        """Whether the first error blames such a line, or points at one with a label."""
        found = self.said[:1]
        return self.on_line or any(f == self.spec and n in self.lines for s in found for f, n in s.labels)


class Zoo:
    """A spec of the zoo with what is made of it unchanged."""

    def __init__(self, path: Path) -> None:
        self.page = Page(path, path.read_text(encoding="utf-8"))

    @property
    def name(self) -> str:
        return self.page.path.name

    def spec(self, content: str) -> Spec:
        """A text at the place of the spec."""
        return Spec(Source(self.name, content), self.page.path, OPTIONS)

    @cached_property
    def sources(self) -> dict[str, str]:
        """The generated modules, by model."""
        spec = self.spec(self.page.text)
        return {model: spec.architecture(model).source() for model in spec.models}

    def edits(self, kind: Kind, places: int, seed: int = 0) -> list[Edit]:
        """Edits of one kind at up to so many places of the spec, drawn by chance, always the same ones."""
        self.page.random = Random(f"{seed} {kind.name} {self.name}")
        found = list(
            dict.fromkeys(e for e in kind.edits(self.page) if e.apply(self.page.text)[0] != self.page.text)
        )
        if len(found) > places:
            at = sorted(self.page.random.sample(range(len(found)), places))
            found = [found[i] for i in at]
        return found


def judge(zoo: Zoo, kind: Kind, edit: Edit) -> Outcome:
    """Make the edit and see what is said of it."""
    content, lines = edit.apply(zoo.page.text)
    begin = perf_counter()
    try:
        with limit(SECONDS):
            spec = zoo.spec(content)
            found = spec.check()
            text.render_all(found)
            seconds = perf_counter() - begin
            said = tuple(map(_said, (d for d in found if d.is_error)))
            warnings = sum(not d.is_error for d in found)
            if said:
                return Outcome(kind.name, zoo.name, edit, lines, "errors", said, warnings, "", seconds)
            other = next(_different(zoo, spec), None)
            if other is None:
                return Outcome(kind.name, zoo.name, edit, lines, "equivalent", (), warnings, "", seconds)
            fault = "accepted" if kind.illegal else ""
            if not kind.illegal and crc32(content.encode()) % BUILT == 0:
                fault = wrong_shapes(other)
            return Outcome(kind.name, zoo.name, edit, lines, "silent", (), warnings, fault, seconds)
    except Exception as error:
        told = "".join(traceback.format_exception(error)[-3:])
        return Outcome(kind.name, zoo.name, edit, lines, "crash", (), 0, told, perf_counter() - begin)


def _said(diagnostic: Diagnostic) -> Said:
    span = diagnostic.span
    labels = tuple((label.span.source.name, label.span.line) for label in diagnostic.labels)
    return Said(diagnostic.code, span.source.name, span.line, labels, diagnostic.message)


def _different(zoo: Zoo, spec: Spec) -> Iterator[Architecture]:
    """The models of which another module is generated than of the original."""
    for model in spec.models:
        architecture = spec.architecture(model)
        if zoo.sources.get(model) != architecture.source():
            yield architecture
    missing = sorted(set(zoo.sources) - set(spec.models))
    assert not missing, f"no error, but no model {missing}"


def wrong_shapes(architecture: Architecture) -> str:
    """What is wrong with a model that was accepted: build its module, run it without data, compare the shapes."""
    import torch

    try:
        with torch.device("meta"):
            module = architecture.build().eval()
            result = module(*(torch.empty(2, *shape) for shape in architecture.inputs.values()))
    except Exception as error:
        return f"accepted, but the module fails: {type(error).__name__}: {error}"
    wanted = [shape for shapes in _in_evaluation(architecture) for shape in shapes]
    shapes = [list(tensor.shape[1:]) for tensor in _tensors(result)]
    return "" if shapes == wanted else f"accepted as {wanted}, but the module gives {shapes}"


def _in_evaluation(architecture: Architecture) -> Iterator[list[list[int]]]:
    for output in architecture._graph.outputs:
        if not output.training:
            yield [list(tensor.shape.dims) for tensor in output.tensors]


def _tensors(result: object) -> Iterator[object]:
    if isinstance(result, dict):
        result = list(result.values())
    if isinstance(result, (list, tuple)):
        for item in result:
            yield from _tensors(item)
    else:
        yield result


@contextmanager
def limit(seconds: int) -> Iterator[None]:
    """Raises TimeoutError in what takes longer."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
