"""What one elaboration shares: where mistakes go, and how much may still be done."""

from __future__ import annotations

from archdsl.diagnostics import Collector, Diagnostic
from archdsl.elaborate.environment import Frame
from archdsl.elaborate.extern_rules import ExternRules
from archdsl.elaborate.faults import Fault, Silence, Stop
from archdsl.elaborate.limits import Limits
from archdsl.source import Span


class Session:
    """Collects diagnostics and counts steps. `rules` are what the extern blocks of the program state."""

    def __init__(self, collector: Collector, limits: Limits, rules: ExternRules | None = None) -> None:
        self.collector = collector
        self.limits = limits
        self.rules = rules or {}
        self.steps = 0

    def step(self, span: Span) -> None:
        """Count one statement, element or round of a loop. Raises Stop at the limit.

        After a mistake the limit is nearer, and says nothing of its own.
        """
        self.steps += 1
        if self.steps > self.limits.steps:
            if self.collector.has_errors:
                raise Stop
            raise self.stop(
                "E902", f"more than {self.limits.steps:,} steps of the elaboration build no layer", span
            )

    def stop(self, code: str, message: str, span: Span, frame: Frame | None = None, help: str = "") -> Stop:
        """Report a limit that ends everything; the caller raises what this gives."""
        self.collector.add(Diagnostic(code, message, span, notes=call_chain(frame), help=help))
        return Stop()

    def report(self, problem: Fault | Silence, frame: Frame | None = None) -> None:
        """Report a fault with the chain of calls that led there."""
        if isinstance(problem, Silence):
            return
        found = problem.diagnostic
        chain = call_chain(frame)
        if chain:
            found = Diagnostic(
                found.code,
                found.message,
                found.span,
                found.label,
                found.labels,
                found.notes + chain,
                found.help,
            )
        self.collector.add(found)
        # what follows is read for further mistakes, and builds less or nothing
        self.steps = max(self.steps, self.limits.steps - self.limits.steps_after_mistake)


def call_chain(frame: Frame | None, most: int = 6) -> tuple[str, ...]:
    """`in `bottleneck(256, stride=2)`, called at resnet.arch:14:5`, innermost first."""
    notes: list[str] = []
    while frame is not None:
        if frame.call is not None and not frame.is_model:
            if len(notes) == most:
                notes.append("… and further calls outside")
                break
            text = frame.call.text.split("\n", 1)[0].strip()
            shown = text if len(text) <= 50 else text[:49] + "…"
            notes.append(f"in `{shown}`, called at {frame.call}")
        frame = frame.caller
    return tuple(notes)
