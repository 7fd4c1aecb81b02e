"""`docs/mutation.md`: the table of what came of all mutants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tests.mutation.catalogue import catalogue
from tests.mutation.kinds import GROUPS, KINDS, Kind
from tests.mutation.measure import BUILT, MODELS, SECONDS, USERS, Outcome
from tests.mutation.together import Together

#: What the first two groups are to reach: exactly one error, and the first error on the line of the edit.
ALONE, ON_LINE = 0.95, 0.90

HEAD = """\
# Mutation test

Every spec of the zoo, and every file of the library as one's own copy, with one mistake in it: {kinds} kinds of
mistakes, each at up to {places} of its places in each of {specs} files, {mutants:,} mutants. `make mutation` makes them all,
checks each as `archdsl check` does and rewrites this page; the places are drawn by chance, always the same ones.
`tests/mutation/` holds the kinds; a sample of the mutants is part of every run of the tests.

    python -m tests.mutation --places {places} --together {together} --seed {seed}

archdsl {version}

| what is asked | asked | found |
| --- | ---: | ---: |
| an exception, or no end within {seconds} s | 0 | {crashes} |
| accepted, though illegal | 0 | {accepted} |
| exactly one error, of syntax and names | {alone_asked} | {alone} |
| the error on the line of the edit, of syntax and names | {line_asked} | {line} |
| the error on the line of the edit, of all | | {line_all} |
| as many errors as mistakes, of two and three | | {together_exact} |

## How to read it

- **mutants** are those that count: there is a mistake to be found. **same** are those left out because every model's
  generated module is the original's, byte for byte (what was dropped was unused, or means nothing).
- **one error**: exactly one is reported. **on the line**: the first error blames a line that the edit touched, in the text
  as it then is. What is noticed where it matters and not where it was done counts as missed: a name whose declaration
  is gone is blamed where it is read, a channel too many where two branches meet or where an `expect` fails. One
  exception: a bracket that is not closed is blamed where it opens, and that line counts.
- **named**: the first error blames such a line, or one of its labels points at it.
- **legal**: nothing is reported, and the program is another one; kinds marked † may make such. Of these, one in {built}
  was built and run on PyTorch's meta device, to see that the shapes are as stated; one that were not would count as
  accepted. A kind without † makes no legal program, so that silence is a fault.
- **accepted**: silence where there is a mistake. **crashes**: an exception, or no end.
- Of a spec with more than {models} models, {models} and those that the edit touches are checked, and all before a mutant passes for
  accepted, legal or the same. A file of the library is checked through {users} specs that import it.
- **two and three**: mutants that give one error each, on its line, made at once in different statements. A mistake of
  shapes is among them where it stands before the others in their network, as what is behind them is not known;
  figures of a whole network are not. Every other mistake counts, whatever stands beside it.
"""


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def row(title: str, outcomes: Sequence[Outcome]) -> str:
    wrong = [o for o in outcomes if o.counts]
    cells = [
        title,
        f"{len(wrong):,}",
        share(sum(o.alone for o in wrong), len(wrong)),
        share(sum(o.on_line for o in wrong), len(wrong)),
        share(sum(o.named for o in wrong), len(wrong)),
        *(
            f"{number:,}" if number else ""
            for number in (
                sum(o.verdict == "silent" and not o.fault for o in outcomes),
                sum(accepted(o) for o in outcomes),
                sum(o.verdict == "crash" for o in outcomes),
                sum(o.verdict == "equivalent" for o in outcomes),
            )
        ),
    ]
    return f"| {' | '.join(cells)} |"


def accepted(outcome: Outcome) -> bool:
    return outcome.verdict == "silent" and bool(outcome.fault)


def title(kind: Kind) -> str:
    """What the table calls a kind."""
    return kind.about.replace("|", "\\|") + ("" if kind.illegal else " †")


COLUMNS = f"""\
| | mutants | one error | on the line | named | legal | accepted | crashes | same |
| --- |{" ---: |" * 8}"""


def of_groups(outcomes: Iterable[Outcome], *groups: str) -> list[Outcome]:
    return [o for o in outcomes if KINDS[o.kind].group in groups]


def shares(outcomes: Iterable[Outcome]) -> tuple[float, float]:
    """Of the mutants with a mistake, how many give exactly one error, and how many one on the line of the edit."""
    wrong = [o for o in outcomes if o.counts]
    return sum(o.alone for o in wrong) / len(wrong), sum(o.on_line for o in wrong) / len(wrong)


def page(outcomes: list[Outcome], together: list[Together], facts: dict[str, object]) -> str:
    """The text of `docs/mutation.md`."""
    wrong = [o for o in outcomes if o.counts]
    asked = [o for o in of_groups(outcomes, "syntax", "names") if o.counts]
    head = HEAD.format(
        kinds=len(catalogue()),
        mutants=len(outcomes),
        crashes=sum(o.verdict == "crash" for o in (*outcomes, *(t.outcome for t in together))),
        accepted=sum(map(accepted, outcomes)),
        alone_asked=f"{ALONE:.0%}".replace("%", " %"),
        alone=share(sum(o.alone for o in asked), len(asked)),
        line_asked=f"{ON_LINE:.0%}".replace("%", " %"),
        line=share(sum(o.on_line for o in asked), len(asked)),
        line_all=share(sum(o.on_line for o in wrong), len(wrong)),
        together_exact=share(sum(t.exact for t in together), len(together)),
        built=BUILT,
        models=MODELS,
        users=USERS,
        seconds=SECONDS,
        specs=len({o.spec for o in outcomes}),
        **facts,
    )
    parts = [head, "## Groups\n", COLUMNS]
    parts += [row(group, of_groups(outcomes, group)) for group in GROUPS]
    parts += [
        row("syntax and names", asked + [o for o in of_groups(outcomes, "syntax", "names") if not o.counts])
    ]
    parts += [row("all", outcomes), ""]
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome.kind].append(outcome)
    for group in GROUPS:
        parts += [f"## Kinds: {group}\n", COLUMNS]
        for kind in catalogue():
            if kind.group == group:
                parts.append(row(title(kind), by_kind[kind.name]))
        parts.append("")
    return "\n".join([*parts, *_together(together)])


def _together(together: list[Together]) -> list[str]:
    lines = [
        "## Several mistakes at once\n",
        "Two and three mutants, each of which gives one error on its line, in different statements of one spec.\n",
        "| | texts | as many errors as mistakes | each on a line of an edit |",
        "| --- | ---: | ---: | ---: |",
    ]
    groups: dict[tuple[int, str], list[Together]] = defaultdict(list)
    for one in together:
        groups[len(one.parts), one.groups].append(one)
    for (size, names), found in sorted(groups.items()):
        exact, line = sum(t.exact for t in found), sum(t.on_line for t in found)
        lines.append(
            f"| {size}: {names} | {len(found)} | {share(exact, len(found))} | {share(line, len(found))} |"
        )
    return [*lines, ""]
