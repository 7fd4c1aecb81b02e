"""What is said of every text: it is a program, or its mistakes are reported, each at a place of the text."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from broken import broken
from hypothesis import HealthCheck, given, settings

from archdsl.api import ArchError, Options, Spec
from archdsl.diagnostics import Diagnostic, as_json, concise, github, sarif, text
from archdsl.diagnostics.codes import CODES
from archdsl.resources import page
from archdsl.source import Source, Span

SECONDS = 10
#: Smaller than what the commands allow, so that a big number costs no time here.
OPTIONS = Options(max_nodes=20_000)
PAGES = {code: page(code) for code in CODES}


def diagnose(path: str, content: str) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Everything found in a text that stands at a path; and what was raised where a model was asked for."""
    spec = Spec(Source(path, content), Path(path), OPTIONS)
    raised: list[Diagnostic] = []
    for model in spec.models[:1] or [None]:
        try:
            spec.architecture(model)
        except ArchError as error:
            assert any(d.is_error for d in error.diagnostics)
            assert str(error)
            raised += error.diagnostics
    return spec.check(*spec.models[:1]), raised


def holds(span: Span) -> bool:
    return 0 <= span.start <= span.end <= len(span.source.text)


def hold(path: str, content: str) -> None:
    begin = perf_counter()
    found, raised = diagnose(path, content)
    for diagnostic in (*found, *raised):
        assert diagnostic.message
        assert holds(diagnostic.span), diagnostic
        assert all(holds(label.span) for label in diagnostic.labels), diagnostic
    for rendered in (
        *(form.render_all(found) for form in (text, concise, as_json, github)),
        sarif.render_all(found, PAGES),
    ):
        assert isinstance(rendered, str)
        assert "Traceback" not in rendered
    assert perf_counter() - begin < SECONDS


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(broken())
def test_mistakes_are_reported(example: tuple[str, str]) -> None:
    hold(*example)
