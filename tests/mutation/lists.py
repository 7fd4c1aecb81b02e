"""For whoever mends what the mutation test finds: the mutants that miss the mark, a file for each kind."""

from __future__ import annotations

from pathlib import Path

from tests.mutation.measure import SPECS, Outcome
from tests.mutation.page import Page
from tests.mutation.together import Together


def missed(outcome: Outcome) -> bool:
    return outcome.counts and not (outcome.alone and outcome.on_line)


def told(outcome: Outcome) -> str:
    """A mutant, before and after, and what was said of it."""
    page = Page(SPECS / outcome.spec, (SPECS / outcome.spec).read_text(encoding="utf-8"))
    after = outcome.edit.apply(page.text)[0].split("\n")
    before = page.text.split("\n")
    lines = [
        f"{outcome.spec}: {outcome.verdict} {len(outcome.said)} errors, edited lines {sorted(outcome.lines)}"
    ]
    for number in sorted({page.line(cut.start) for cut in outcome.edit.cuts})[:4]:
        lines.append(f"  - {number:4} {before[number - 1]}")
    for number in sorted(outcome.lines)[:6]:
        lines.append(f"  + {number:4} {after[number - 1] if number <= len(after) else ''}")
    lines += [f"  {said.code} {said.file}:{said.line} {said.message}" for said in outcome.said[:6]]
    if outcome.fault:
        lines.append(f"  FAULT {outcome.fault}")
    return "\n".join(lines)


def write(folder: Path, outcomes: list[Outcome], together: list[Together]) -> None:
    """A file for each kind that missed, and one for several at once."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.txt"):
        old.unlink()
    by_kind: dict[str, list[str]] = {}
    for outcome in outcomes:
        if missed(outcome):
            by_kind.setdefault(outcome.kind, []).append(told(outcome))
    for one in together:
        if not one.on_line:
            kinds = ", ".join(part.kind for part in one.parts)
            by_kind.setdefault("together", []).append(f"[{kinds}] {told(one.outcome)}")
    for kind, texts in by_kind.items():
        (folder / f"{kind}.txt").write_text("\n\n".join(texts) + "\n", encoding="utf-8")
