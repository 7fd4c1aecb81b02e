"""What archdsl says of a mutant: how many errors, where, and whether silence was right."""

from __future__ import annotations

import re
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from time import process_time
from types import FrameType
from typing import Any
from unittest.mock import patch
from zlib import crc32

from archdsl import resources
from archdsl.api import Architecture, Options, Spec
from archdsl.diagnostics import Collector, Diagnostic, text
from archdsl.elaborate.models import models_of
from archdsl.limits import Limits
from archdsl.source import Source, Span
from tests.mutation.kinds import Kind
from tests.mutation.page import Edit, Page

SPECS = Path(__file__).parents[2] / "specs"
#: Larger than any model of the zoo; smaller than what the commands allow, so that a big number costs no time here.
OPTIONS = Options(limits=Limits(nodes=50_000))
#: A mutant that takes more of the processor's time counts as one that never ends.
SECONDS = 30
#: Of a spec with more models so many are checked, and those that the edit touches; all, if they have no error.
MODELS = 2
#: A file of the library is checked through so many specs.
USERS = 2
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


class Checked:
    """A text at its place: what is said of it, and the models that are made of it."""

    def __init__(self, specs: list[tuple[Spec, list[str]]]) -> None:
        self._specs = specs

    def diagnostics(self, lines: frozenset[int]) -> list[Diagnostic]:
        """All that is said of the models whose lines are among these and of some others; of all, if that is no error."""
        found = Collector()
        for only_first in (True, False):
            for spec, models in self._specs:
                for model in _first(spec, models, lines) if only_first else models:
                    found.extend(spec.check(model))
                if not models:
                    found.extend(spec.check())
            if found.has_errors:
                break
        return found.diagnostics

    def models(self) -> Iterator[tuple[str, Architecture]]:
        for spec, models in self._specs:
            for model in models:
                yield f"{spec.source_name}:{model}", spec.architecture(model)


def _first(spec: Spec, models: list[str], lines: frozenset[int]) -> list[str]:
    """The models that are declared on lines that were touched, and others up to `MODELS`, always the same ones."""
    spans = {name: declared.span for name, declared in models_of(spec._unit).items()}
    touched = [m for m in models if not lines.isdisjoint(range(spans[m].line, spans[m].end_line + 1))]
    others = [model for model in models if model not in touched]
    chosen = {
        *touched,
        *Random(spec.source_name).sample(others, min(len(others), max(0, MODELS - len(touched)))),
    }
    return [model for model in models if model in chosen]


class Zoo:
    """A spec of the zoo with what is made of it unchanged."""

    def __init__(self, path: Path) -> None:
        self.page = Page(path, path.read_text(encoding="utf-8"))

    @property
    def name(self) -> str:
        return self.page.path.relative_to(SPECS).as_posix()

    def read(self, content: str) -> Checked:
        """A text at the place of the spec, to be checked with all its models."""
        spec = self.spec(content)
        return Checked([(spec, spec.models)])

    def spec(self, content: str | None = None) -> Spec:
        return Spec(
            Source(self.name, self.page.text if content is None else content), self.page.path, OPTIONS
        )

    @cached_property
    def sources(self) -> dict[str, str]:
        """The generated modules, by model."""
        return {model: made.source() for model, made in self.read(self.page.text).models()}

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


class Library(Zoo):
    """A file of the library as one's own copy of it, checked through the first models of specs that import it."""

    @cached_property
    def users(self) -> list[Path]:
        line = re.compile(rf"^from std\.{self.page.path.stem} import", re.MULTILINE)
        found = [
            path for path in sorted(SPECS.glob("*.arch")) if line.search(path.read_text(encoding="utf-8"))
        ]
        return sorted(found, key=lambda path: path.stat().st_size)[:USERS]

    def read(self, content: str) -> Checked:
        before = resources.read_import

        def read(path: Path, root: Path, name: str, at: Span, *more: Any) -> Source:
            read = (
                Source(self.name, content) if path == self.page.path else before(path, root, name, at, *more)
            )
            return Source(read.name, _from_copies(read.text, path))

        with patch.object(resources, "read_import", read):
            specs = [
                user.spec(user.page.text.replace("from std.", "from .std.")) for user in map(Zoo, self.users)
            ]
        return Checked([(spec, spec.models[:1]) for spec in specs])


def _from_copies(content: str, path: Path) -> str:
    """A file that imports copies of the library, which lie beside the specs."""
    return content.replace("from std.", "from .std." if path.parent == SPECS else "from .")


def zoo(name: str) -> Zoo:
    """A spec or a file of the library, by its path in `specs/`."""
    return (Library if name.startswith("std/") else Zoo)(SPECS / name)


def judge(zoo: Zoo, kind: Kind, edit: Edit) -> Outcome:
    """Make the edit and see what is said of it."""
    content, lines = edit.apply(zoo.page.text)

    def outcome(verdict: str, fault: str = "") -> Outcome:
        return Outcome(kind.name, zoo.name, edit, lines, verdict, said, warnings, fault, seconds)

    said: tuple[Said, ...] = ()
    warnings = 0
    begin = process_time()
    try:
        with limit(SECONDS):
            checked = zoo.read(content)
            found = checked.diagnostics(lines)
            text.render_all(found)
        seconds = process_time() - begin
        said = tuple(_said(d) for d in found if d.is_error)
        warnings = sum(not d.is_error for d in found)
        other = None if said else next(_different(zoo, checked), None)
    except Exception as error:
        seconds = process_time() - begin
        return outcome("crash", "".join(traceback.format_exception(error)[-3:]))
    if said:
        return outcome("errors")
    if other is None:
        return outcome("equivalent")
    if kind.illegal:
        return outcome("silent", "accepted")
    return outcome("silent", wrong_shapes(other) if crc32(content.encode()) % BUILT == 0 else "")


def _said(diagnostic: Diagnostic) -> Said:
    span = diagnostic.span
    labels = tuple((label.span.source.name, label.span.line) for label in diagnostic.labels)
    return Said(diagnostic.code, span.source.name, span.line, labels, diagnostic.message)


def _different(zoo: Zoo, checked: Checked) -> Iterator[Architecture]:
    """The models of which another module is generated than of the original."""
    missing = set(zoo.sources)
    for model, architecture in checked.models():
        missing.discard(model)
        if zoo.sources.get(model) != architecture.source():
            yield architecture
    assert not missing, f"no error, but no model {sorted(missing)}"


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
    """Raises TimeoutError in what takes more of the processor's time."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
