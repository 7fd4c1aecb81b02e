"""What one elaboration shares: where mistakes go, and how much may still be done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from archdsl.diagnostics import Call, Collector, Diagnostic, Label
from archdsl.elaborate.environment import Frame
from archdsl.elaborate.extern_rules import ExternRules
from archdsl.elaborate.faults import Fault, Silence, Stop
from archdsl.elaborate.values import show
from archdsl.graph.model import Tensor
from archdsl.layers import Aspect
from archdsl.limits import Limits
from archdsl.source import Source, Span

#: Mistakes of an option itself.
_OF_OPTIONS = ("E806", "E807", "E808")
#: Calls that are counted where one mistake is met in many.
MOST_REPEATS = 1000


class Session:
    """Collects diagnostics and counts steps, `steps` of them taken before. `rules` are what the extern blocks of the
    program state."""

    def __init__(
        self, collector: Collector, limits: Limits, rules: ExternRules | None = None, steps: int = 0
    ) -> None:
        self.collector = collector
        self.limits = limits
        self.rules = rules or {}
        self.steps = steps
        self.most_steps = limits.steps
        self.place: Span | None = None  # where the last step was taken
        #: tensors that may still be asked where they come from
        self.walks = limits.walks
        #: those that were asked, with the tensor that made what of their shape was asked for
        self.makers: dict[tuple[Tensor, Aspect], Tensor] = {}
        #: the block or network that is run: the innermost of those under way
        self.frame: Frame | None = None
        #: files of the standard library
        self.library: set[Source] = set()
        #: what the command line or the caller says beyond the text, as notes
        self.outside: tuple[str, ...] = ()
        #: blocks that are known to call themselves without end
        self.endless: set[int] = set()
        #: false behind a `default` of a name that is not known: figures may be others than are meant
        self.defaults_known = True
        #: whether a size of a tensor was read, by which the network may be another one for other inputs
        self.sized = False
        self._met: dict[tuple[str, Span], set[Frame]] = {}

    def step(self, span: Span, count: int = 1) -> None:
        """Count steps: expressions that are worked out, and what takes as long, about a microsecond each.

        Raises Stop at the limit. After a mistake it is nearer, and says nothing of its own.
        """
        self.steps += count
        self.place = span
        if self.steps > self.most_steps:
            if self.most_steps < self.limits.steps:
                raise Stop
            message = f"the network takes more than {self.limits.steps:,} steps to work out"
            raise self.stop("E905", message, span, "steps")

    def stop(self, code: str, message: str, span: Span, limit: str, frame: Frame | None = None) -> Stop:
        """Report a limit that ends everything; the caller raises what this gives."""
        help = self.limits.mend(limit)
        self.collector.add(Diagnostic(code, message, span, help=help, calls=call_chain(frame)))
        return Stop()

    def report(self, problem: Fault | Silence, frame: Frame | None = None) -> None:
        """Report a fault with the chain of calls that led there."""
        if isinstance(problem, Silence):
            return
        for other in problem.more:
            self.report(other, frame)
        frame = frame or self.frame
        found = self._blamed(problem.diagnostic, frame)
        met = self._met.setdefault((found.code, found.span), set())
        if frame is not None and frame.call is not None and len(met) < MOST_REPEATS:
            met.add(frame)
        if not self.collector.knows(found.code, found.span):
            chain = [
                call for call in call_chain(frame) if call.span != found.span
            ]  # the call itself is to blame
            model = _model_line(found, chain, frame)
            calls = (*chain, model) if model is not None else tuple(chain)
            outside = () if found.code in _OF_OPTIONS else self.outside
            self.collector.add(replace(found, notes=(*found.notes, *outside), calls=calls))
        # what follows is read for further mistakes, and builds less or nothing
        self.most_steps = min(self.most_steps, self.steps + self.limits.steps_after_mistake)

    def _blamed(self, found: Diagnostic, frame: Frame | None) -> Diagnostic:
        """A mistake in a block of the library is one of who calls it: the call is the place, and that in the library a
        label."""
        if found.span.source not in self.library:
            return found
        while frame is not None and (frame.call is None or frame.call.source in self.library):
            frame = frame.caller
        if frame is None or frame.call is None:
            return found
        inside = Label(found.span, found.label or "this is where it fails, in the library")
        return replace(found, span=frame.call, label="", labels=(inside, *found.labels))

    def finish(self) -> None:
        """Say of mistakes that were met in several calls that they were."""
        for (code, span), met in self._met.items():
            more = len(met) - 1
            if more > 0 and self.collector.knows(code, span):
                many = f"{more:,}" if len(met) < MOST_REPEATS else f"more than {more:,}"
                name = min(frame.name for frame in met)
                call = "call" if more == 1 else "calls"
                self.collector.amend(code, span, f"it is met in {many} more {call} of `{name}`")


def _model_line(found: Diagnostic, chain: Sequence[Call], frame: Frame | None) -> Call | None:
    """The line of the model, where a mistake may come from what that gives to the network."""
    while frame is not None and frame.caller is not None:
        frame = frame.caller
    if frame is None or not frame.is_model or frame.call is None:
        return None
    given = {name for name, argument in frame.given.items() if argument.span.source is frame.call.source}
    places = (found.span, *(call.span for call in chain))
    if found.span == frame.call or not any(given.intersection(_words(place)) for place in places):
        return None
    return Call(frame.call, _one_line(frame.call), values=_values(frame))


def _words(place: Span, most: int = 2000) -> list[str]:
    return re.findall(r"[A-Za-z_]\w*", place.source.text[place.start : min(place.end, place.start + most)])


def call_chain(frame: Frame | None) -> tuple[Call, ...]:
    """The calls of blocks and networks that led to a frame, innermost first; a recursion's are one."""
    calls: list[Call] = []
    while frame is not None:
        if frame.call is not None and not frame.is_model:
            if calls and calls[-1].span == frame.call:
                calls[-1] = replace(calls[-1], times=calls[-1].times + 1, values="")
            else:
                calls.append(Call(frame.call, _one_line(frame.call), values=_values(frame)))
        frame = frame.caller
    return tuple(calls)


def _values(frame: Frame, most: int = 4) -> str:
    """What the text of a call does not show of its arguments: `c = 512, stride = 1`."""
    shown: list[str] = []
    for name, argument in frame.given.items():
        value = argument.value
        plain = type(value) in (int, float, bool, str) or (
            type(value) is list and len(value) <= 8 and all(type(v) in (int, float) for v in value)
        )
        if plain and _bare(show(value)) != _bare(argument.span.text):
            shown.append(f"{name} = {show(value, 20)}")
    return ", ".join(shown[:most])


def _bare(text: str) -> str:
    return text.replace("_", "").replace(" ", "")


def _one_line(call: Span, most: int = 50) -> str:
    end = min(call.end, call.start + 4 * most)
    line = " ".join(call.source.text[call.start : end].split())
    return line if len(line) <= most else line[: most - 1] + "…"
