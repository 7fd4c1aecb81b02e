"""Every message that the compiler has, as a user sees it: source and rendered message together, a file a case.

To add a case, write its source into `<CODE>-<case>.txt` (the form is in `shelf.py`), then

    python -m pytest tests/errors -k E502-members --update

and read what it wrote under the ruler.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from archdsl.diagnostics.cells import printable
from archdsl.diagnostics.codes import CODES
from tests.diagnostics.sarif_form import conforms
from tests.errors.shelf import RULER, SHELF, codes, read, run

PATHS = sorted(SHELF.rglob("*.txt"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.relative_to(SHELF).with_suffix("").as_posix())
def test_message(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: bool) -> None:
    case = read(path)
    printed = run(case, tmp_path, monkeypatch)
    assert "Traceback" not in printed and "internal error" not in printed
    if update:
        path.write_text(f"{case.above}{RULER}\n{printed}", encoding="utf-8")
    assert path.stem.split("-")[0] in codes(printed)
    assert read(path).printed == printed, f"`pytest tests/errors -k {path.stem} --update`, and read it"


def test_names() -> None:
    for path in PATHS:
        assert re.fullmatch(r"[EW]\d{3}-[a-z0-9-]+", path.stem) and path.stem[:4] in CODES, path.name


def test_every_code_has_a_case() -> None:
    shown = {path.stem[:4] for path in PATHS}
    assert sorted(set(CODES) - shown) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.relative_to(SHELF).with_suffix("").as_posix())
def test_style(path: Path) -> None:
    """One sentence in lower case, without a full stop and without addressing anyone; each mistake told once."""
    printed = read(path).printed
    told = re.findall(r"^(?:error|warning)\[\w+\]: (.*)\n *--> (.*)$", printed, re.MULTILINE)
    assert len(told) == len(codes(printed))
    assert len(set(told)) == len(told)
    for message, _ in told:
        assert not message[0].isupper() and not message.endswith(".") and len(message) <= 200, message
    remarks = re.findall(r"^ *= (?:note|help): (.*)$", printed, re.MULTILINE)
    for text in (*(message for message, _ in told), *remarks):
        assert not re.search(
            r"\b(you|your|please|sorry)\b", text.replace("did you mean", ""), re.IGNORECASE
        ), text
    if "error[" not in printed:
        return
    *_, last = printed.rstrip("\n").split("\n")
    assert re.fullmatch(r"(\d+ files?, \d+ models?: )?\d+ (error|warning)s?(, \d+ warnings?)?", last), last


CHECKED = [
    path for path in PATHS if read(path).command[0] == "check" and "--format" not in read(path).command
]


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: path.stem)
def test_formats_agree(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What programs are told is what people are."""
    case = read(path)
    found = json.loads(run(case, tmp_path, monkeypatch, "--format", "json"))
    assert [each["code"] for each in found] == codes(case.printed)
    for each in found:
        assert f"]: {printable(each['message'])}\n" in case.printed
        assert f" {printable(each['file'])}:{each['line']}:{each['column']}\n" in case.printed
        for label in each["labels"]:
            assert printable(label["message"]) in case.printed
    log = json.loads(run(case, tmp_path, monkeypatch, "--format", "sarif"))
    conforms("log", log)
    assert [result["ruleId"] for result in log["runs"][0]["results"]] == codes(case.printed)
