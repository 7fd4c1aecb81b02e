"""What is done with a text in which something is wrong, from the lexer's words to the tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from archdsl.diagnostics.core import Diagnostic
from archdsl.limits import Limits
from archdsl.source import Source
from archdsl.syntax.brackets import Brackets
from archdsl.syntax.faults import Fault, Word
from archdsl.syntax.mend import mended
from archdsl.syntax.newlines import separated
from archdsl.syntax.recovery import Machine, Recovery, TooMany
from archdsl.syntax.repair import matched
from archdsl.syntax.suites import embraced

_MORE = "there are further mistakes: the text is read no further than this"


def read_on(
    source: Source,
    words: Sequence[Word],
    kinds: Mapping[str, str],
    machine: Machine,
    whole: bool,
    found: list[Diagnostic],
    limits: Limits,
) -> Any:
    """The tree, with all mistakes added to `found`; None if there are too many. Raises Fault if there can be none.

    `kinds` are the kinds of words by their text; `whole` is a file, and not an expression.
    """
    words, findings = mended(source, words, kinds)
    if whole:
        words, more = embraced(source, words, kinds)
        findings += more
    words, more = matched(source, words, kinds, limits)
    findings += more
    ready = list(Brackets(source, limits).watched(separated(words)))
    recovery = Recovery(source, ready, findings, machine, whole)
    try:
        tree = recovery.run()
        if recovery.found and not whole:
            raise Fault(recovery.found[0])
        return tree
    except TooMany:
        last = recovery.found.pop()
        recovery.found.append(replace(last, notes=(*last.notes, _MORE)))
        return None
    finally:
        if whole:
            found.extend(recovery.found)
