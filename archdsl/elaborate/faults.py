"""How evaluation stops at a mistake."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.diagnostics import Diagnostic, Label
from archdsl.source import Span


class Fault(Exception):
    """A mistake to report; evaluation goes on after the element or statement in which it lies."""

    def __init__(
        self,
        code: str,
        message: str,
        span: Span,
        label: str = "",
        *,
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        help: str = "",
    ) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, span, label, labels, notes, help)
        #: other mistakes of the same call, found with it
        self.more: tuple[Fault, ...] = ()


def together(faults: Sequence[Fault]) -> Fault:
    """Several faults as one to raise: the first, which brings the others."""
    first, *rest = faults
    first.more = (*first.more, *rest)
    return first


class Silence(Exception):
    """Evaluation met what an earlier mistake left behind."""


class Stop(Exception):
    """A limit is reached: nothing more is elaborated. The diagnostic is already reported."""
