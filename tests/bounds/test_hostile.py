"""Hostile programs end in a diagnostic that names the limit, within a gigabyte.

Seconds are not asserted, since machines differ and are busy: `benchmarks/hostile.py` measures them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from archdsl.diagnostics.codes import CODES
from archdsl.limits import LIMITS
from tests.bounds.hostile import Program
from tests.bounds.programs import table
from tests.bounds.running import COMMANDS, MEMORY, Ran, run, write

pytestmark = [
    pytest.mark.hostile,
    pytest.mark.skipif(sys.platform == "win32", reason="memory is held by rlimits"),
]

PROGRAMS = [
    pytest.param(program, id=program.name, marks=[] if program.quick else [pytest.mark.slow])
    for program in table
]
#: As much as a person may be shown; machine formats have no such bound.
MOST_SHOWN = 2_000_000


def hold(ran: Ran) -> None:
    assert ran.status in (0, 1, 2), ran.err[-1000:]
    assert "Traceback" not in ran.err and "internal error" not in ran.err, ran.err[-1000:]
    assert ran.memory <= MEMORY
    assert len(ran.err) <= MOST_SHOWN


def codes(text: str) -> list[str]:
    return re.findall(r"^error\[(E\d+)\]", text, re.MULTILINE)


def test_the_table() -> None:
    names = {limit.name for limit in LIMITS}
    for program in table:
        assert program.code == "" or any(code.startswith(program.code) for code in CODES), program.name
        assert program.limit == "" or program.limit in names, program.name
    assert len(list(table)) >= 60
    drawing = {"drawing_boxes", "drawing_effort", "drawing_seconds"}  # test_draw has them
    unseen = {"walks", "steps_after_mistake", *drawing}
    assert {program.limit for program in table} - {""} == names - unseen


@pytest.mark.parametrize("program", PROGRAMS)
def test_check(program: Program, tmp_path: Path) -> None:
    write(program, tmp_path)
    ran = run((*COMMANDS["check"], *program.arguments), tmp_path)
    hold(ran)
    found = codes(ran.err)
    if not program.code:
        assert found == [] and ran.status == 0, ran.err[:1000]
    else:
        assert any(code.startswith(program.code) for code in found), ran.err[:1000]
        assert ran.status in (1, 2)
    if program.limit:
        assert f"`--limit {program.limit}=" in ran.err, ran.err[:1000]


@pytest.mark.slow
@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "check"])
@pytest.mark.parametrize("program", list(table), ids=lambda program: program.name)
def test_every_command(program: Program, command: str, tmp_path: Path) -> None:
    write(program, tmp_path)
    hold(run((*COMMANDS[command], *program.arguments), tmp_path))
