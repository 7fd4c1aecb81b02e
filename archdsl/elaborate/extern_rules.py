"""What an `extern block` states, read from its text once: whoever applies it later finds it in order."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.diagnostics import Collector, Diagnostic, Label
from archdsl.diagnostics.near import did_you_mean
from archdsl.elaborate.faults import Fault
from archdsl.elaborate.program import Program
from archdsl.elaborate.python_call import PythonCall, read_call
from archdsl.records import record
from archdsl.syntax import ast

#: Entries that must be there, with how they may read, and those that may.
_REQUIRED = {
    "python": 'python = "package.Class({in.channels})"',
    "shape": "shape = in.shape",
}
_OPTIONAL = ("params", "macs")


@record
class ExternRule:
    """The entries of one declaration."""

    call: PythonCall
    python: ast.Entry
    shape: ast.Entry
    params: ast.Entry | None
    macs: ast.Entry | None


def _read(declaration: ast.Extern, collector: Collector) -> ExternRule | None:
    """The entries, each once and all that must be there; None if not. Mistakes (E109, E611, E612) are added."""
    entries: dict[str, ast.Entry] = {}
    suggested = ""
    good = True

    def wrong(found: Diagnostic) -> None:
        nonlocal good
        good = False
        collector.add(found)

    for entry in declaration.entries:
        known = (*_REQUIRED, *_OPTIONAL)
        if entry.name not in known:
            message = f"an extern block has no entry `{entry.name}`"
            listed = f"its entries are {', '.join(f'`{name}`' for name in known)}"
            near = did_you_mean(entry.name, known)
            suggested += near
            wrong(Diagnostic("E611", message, entry.name_span, help=near or listed))
        elif entry.name in entries:
            first = Label(entries[entry.name].name_span, "given here before")
            wrong(
                Diagnostic(
                    "E611", f"the entry `{entry.name}` is given twice", entry.name_span, labels=(first,)
                )
            )
        else:
            entries[entry.name] = entry
    missing = [name for name in _REQUIRED if name not in entries and f"`{name}`" not in suggested]
    if missing:
        named = " and ".join(f"no `{name}`" for name in missing)
        message = f"the extern block `{declaration.name}` has {named}"
        example = "; ".join(_REQUIRED[name] for name in missing)
        wrong(Diagnostic("E611", message, declaration.name_span, help=f"as in `{example}`"))
    call: PythonCall | None = None
    python = entries.get("python")
    if python is not None:
        try:
            call = _call(python.value, declaration)
        except Fault as fault:
            wrong(fault.diagnostic)
    if not good or call is None or python is None:
        return None
    return ExternRule(call, python, entries["shape"], entries.get("params"), entries.get("macs"))


def _call(value: ast.Expr, declaration: ast.Extern) -> PythonCall:
    if not isinstance(value, ast.Text):
        raise Fault(
            "E612",
            "`python` is a string that stands here, so that what is imported can be seen",
            value.span,
            help=f"as in `{_REQUIRED['python']}`",
        )
    names = {p.name for p in declaration.parameters} | {t.name for t in declaration.takes or ()}
    return read_call(value, names)


ExternRules = Mapping[ast.Extern, ExternRule | None]


def check_externs(program: Program, collector: Collector, allowed: bool) -> ExternRules:
    """What the `extern` blocks of all files state, None for those that are not in order, with what is wrong with
    them reported; E614 for each where they are not allowed."""
    rules: dict[ast.Extern, ExternRule | None] = {}
    for unit in program.all_units:
        for declaration in unit.tree.declarations if unit.tree is not None else ():
            if not isinstance(declaration, ast.Extern):
                continue
            rules[declaration] = _read(declaration, collector)
            if not allowed:
                collector.add(
                    Diagnostic(
                        "E614",
                        f"`{declaration.name}` brings in a Python class, and extern blocks are refused here",
                        declaration.name_span,
                        help="leave `--no-extern` out for a text that is trusted",
                    )
                )
    return rules
