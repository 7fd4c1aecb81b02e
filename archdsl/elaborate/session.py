"""What one elaboration shares: where mistakes go, and how much may still be done."""

from __future__ import annotations

from dataclasses import replace

from archdsl.diagnostics import Call, Collector, Diagnostic
from archdsl.elaborate.environment import Frame
from archdsl.elaborate.extern_rules import ExternRules
from archdsl.elaborate.faults import Fault, Silence, Stop
from archdsl.elaborate.values import show
from archdsl.limits import Limits
from archdsl.source import Span

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
        #: tensors that may still be asked where they come from
        self.walks = limits.walks
        self._met: dict[tuple[str, Span], set[Frame]] = {}

    def step(self, span: Span, count: int = 1) -> None:
        """Count steps: expressions that are worked out, and what takes as long, about a microsecond each.

        Raises Stop at the limit. After a mistake it is nearer, and says nothing of its own.
        """
        self.steps += count
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
        found = problem.diagnostic
        met = self._met.setdefault((found.code, found.span), set())
        if frame is not None and frame.call is not None and len(met) < MOST_REPEATS:
            met.add(frame)
        if not self.collector.knows(found.code, found.span):
            calls = call_chain(frame)
            if calls and calls[0].span == found.span:  # the call itself is to blame
                calls = calls[1:]
            self.collector.add(replace(found, calls=calls))
        # what follows is read for further mistakes, and builds less or nothing
        self.most_steps = min(self.most_steps, self.steps + self.limits.steps_after_mistake)

    def finish(self) -> None:
        """Say of mistakes that were met in several calls that they were."""
        for (code, span), met in self._met.items():
            more = len(met) - 1
            if more > 0 and self.collector.knows(code, span):
                many = f"{more:,}" if len(met) < MOST_REPEATS else f"more than {more:,}"
                name = min(frame.name for frame in met)
                call = "call" if more == 1 else "calls"
                self.collector.amend(code, span, f"it is met in {many} more {call} of `{name}`")


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
        if type(value) in (int, float, bool, str) and show(value) != argument.span.text.replace("_", ""):
            shown.append(f"{name} = {show(value, 20)}")
    return ", ".join(shown[:most])


def _one_line(call: Span, most: int = 50) -> str:
    end = min(call.end, call.start + 4 * most)
    line = " ".join(call.source.text[call.start : end].split())
    return line if len(line) <= most else line[: most - 1] + "…"
