"""Every code has a page, and the examples of the pages do what the pages say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archdsl.api import loads, open_spec
from archdsl.diagnostics import ArchError
from archdsl.diagnostics.codes import CODES
from archdsl.resources import page_text

PAGES = Path(__file__).parent.parent.parent / "archdsl" / "diagnostics" / "pages"

#: What no single text shows: it takes other files, options or a hostile size.
WITHOUT_EXAMPLE = {
    "E614",
    "E615",
    "E702",
    "E703",
    "E705",
    "E706",
    "E707",
    "E802",
    "E803",
    "E806",
    "E807",
    "E904",
}


def examples(code: str) -> list[tuple[bool, str]]:
    text = page_text(code) or ""
    return [(bool(bad), body) for bad, body in re.findall(r"```arch( bad)?\n(.*?)```", text, re.DOTALL)]


CASES = [(code, bad, body) for code in CODES for bad, body in examples(code)]


def found(text: str, folder: Path) -> list[str]:
    path = folder / "example.arch"
    path.write_text(text, encoding="utf-8")
    return [diagnostic.code for diagnostic in open_spec(path).check()]


def test_every_code_has_a_page() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == set(CODES)
    for code, sentence in CODES.items():
        text = page_text(code)
        assert text is not None and text.startswith(f"# {code}: {sentence}\n\n")
        assert any(bad for bad, _ in examples(code)) != (code in WITHOUT_EXAMPLE)


def parameter(code: str, bad: bool, text: str) -> object:
    marks = [pytest.mark.slow] if bad and code == "E902" else []
    return pytest.param(code, bad, text, id=f"{code}-{'bad' if bad else 'good'}", marks=marks)


@pytest.mark.parametrize(("code", "bad", "text"), [parameter(*case) for case in CASES])
def test_examples(code: str, bad: bool, text: str, tmp_path: Path) -> None:
    codes = found(text, tmp_path)
    assert code in codes if bad else codes == []


def test_an_error_carries_its_diagnostics() -> None:
    with pytest.raises(ArchError) as error:
        loads("network n { input x: [3]\n reluu\n output y }", filename="<text>")
    assert [d.code for d in error.value.diagnostics] == ["E201"]
    assert str(error.value).startswith("error[E201]: ")
