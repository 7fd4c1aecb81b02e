"""Files that import each other: parsing them all, once, and looking names up in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from archdsl import resources
from archdsl.diagnostics import ArchError, Collector, Diagnostic, Label
from archdsl.diagnostics.near import did_you_mean
from archdsl.elaborate.faults import Fault
from archdsl.elaborate.free import target_names
from archdsl.limits import Budget, Limits
from archdsl.source import Source, Span
from archdsl.syntax import ast
from archdsl.syntax.hidden import hidden
from archdsl.syntax.parser import parse

Named = ast.Block | ast.Network | ast.Extern | ast.Function


@dataclass(slots=True, eq=False)
class Unit:
    """One parsed file. `imports` gives for each import the unit that it reads, None where that failed."""

    source: Source
    tree: ast.File | None
    path: Path | None
    is_library: bool = False
    asked: Span | None = None  # the import that read it first
    imports: dict[int, Unit | None] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)  # what an import would perhaps bring that is misspelt
    declared: dict[str, Named | ast.Let | ast.Broken] = field(default_factory=dict)
    imported: dict[str, tuple[ast.Import, ast.ImportedName]] = field(default_factory=dict)
    unknown: set[tuple[int, int]] = field(
        default_factory=set
    )  # places of names already reported as not known
    models: dict[str, ast.Model | ast.Network] | None = None  # by name, once they are asked for

    @property
    def holes(self) -> list[ast.Broken]:
        """The declarations that cannot be read."""
        return [d for d in self.tree.declarations if isinstance(d, ast.Broken)] if self.tree else []

    @property
    def binding_holes(self) -> list[ast.Broken]:
        """Those that may bind names: a model's name is none that an expression reads."""
        return [hole for hole in self.holes if hole.word != "model"]

    @property
    def nameless(self) -> bool:
        """Whether it may declare names that nobody knows."""
        return self.tree is None or any(hole.nameless for hole in self.binding_holes)

    def declaration(self, name: str) -> Named | ast.Let | ast.Broken | None:
        """What a name of the file stands for, also where it is imported; None if no text declares it."""
        unit: Unit | None = self
        for _ in range(50):
            if unit is None or name in unit.declared or name not in unit.imported:
                break
            declaration, item = unit.imported[name]
            unit, name = unit.imports.get(id(declaration)), item.name
        return None if unit is None else unit.declared.get(name)


def networks_of_models(tree: ast.File) -> set[str]:
    """Names of the networks that the `model` lines of a file use, or may use."""
    models = (made_of(d) for d in tree.declarations if isinstance(d, ast.Model))
    broken = (d.reads for d in tree.declarations if isinstance(d, ast.Broken) and d.word == "model")
    return set[str]().union(*models, *broken)


def made_of(model: ast.Model) -> set[str]:
    """The name of what a `model` line is made of."""
    callee = model.expr.callee if isinstance(model.expr, ast.Call) else model.expr
    return {callee.id} if isinstance(callee, ast.Name) else set()


def is_model(network: ast.Network, used: set[str]) -> bool:
    """Whether a network is a model itself: all its parameters have defaults, and no `model` line uses it."""
    return network.name not in used and all(p.default is not None for p in network.parameters)


class Program:
    """A file and all that it imports, parsed. Reads each file once."""

    def __init__(self, collector: Collector, search: tuple[Path, ...], limits: Limits) -> None:
        self.collector = collector
        self.search = search
        self.limits = limits
        self.used = Budget(limits)
        self.units: dict[Path, Unit] = {}
        self.all_units: list[Unit] = []  # the main file first; texts without a path too

    def load(self, source: Source, path: Path | None) -> Unit:
        """Parse the main file and, in turn, what it imports. Mistakes go to the collector."""
        self.used.source_bytes = len(source.text.encode("utf-8", "replace"))
        if self.used.source_bytes > self.limits.source_bytes:
            self.collector.add(resources.too_large(source.name, Span(source, 0, 0), self.limits))
            self.all_units.append(unit := Unit(source, None, path))
            return unit
        unit = self._parse(source, path, is_library=False)
        self._follow(unit, [unit])
        return unit

    def _parse(self, source: Source, path: Path | None, is_library: bool) -> Unit:
        unit = Unit(source, parse(source, self.collector, self.used), path, is_library)
        told = {d.span.start for d in self.collector.diagnostics if d.span.source is source}
        self.collector.extend(hidden(source, told))
        self.all_units.append(unit)
        if path is not None:
            self.units[path] = unit
        if unit.tree is not None:
            self._declare(unit, unit.tree)
        return unit

    def _declare(self, unit: Unit, tree: ast.File) -> None:
        places: dict[str, Span] = {}

        def declare(name: str, span: Span) -> bool:
            if name in places:
                self.collector.add(
                    Diagnostic(
                        "E108",
                        f"`{name}` is declared twice",
                        span,
                        labels=(Label(places[name], "declared here before"),),
                    )
                )
                return False
            places[name] = span
            return True

        models: dict[str, Span] = {}
        for declaration in tree.declarations:
            if isinstance(declaration, ast.Import):
                for item in declaration.names:
                    if declare(item.alias or item.name, item.span):
                        unit.imported[item.alias or item.name] = (declaration, item)
            elif isinstance(declaration, ast.Let):
                for name in target_names(declaration.target):
                    unit.declared[name] = declaration  # a later `let` replaces an earlier one
                    places.setdefault(name, declaration.target.span)
            elif isinstance(declaration, ast.Model):
                if declaration.name in models:
                    self.collector.add(
                        Diagnostic(
                            "E108",
                            f"the model `{declaration.name}` is declared twice",
                            declaration.name_span,
                            labels=(Label(models[declaration.name], "declared here before"),),
                        )
                    )
                models.setdefault(declaration.name, declaration.name_span)
            elif isinstance(declaration, ast.Broken):
                for name in declaration.binds:
                    unit.declared.setdefault(name, declaration)
            elif not isinstance(declaration, ast.Default) and declare(
                declaration.name, declaration.name_span
            ):
                unit.declared[declaration.name] = declaration
        used = networks_of_models(tree)
        networks = {name for name, d in unit.declared.items() if isinstance(d, ast.Network)}
        strange = {  # models of what is no network: E301 says so
            d.name
            for d in tree.declarations
            if isinstance(d, ast.Model) and not made_of(d) & (networks | unit.imported.keys())
        }
        for declaration in tree.declarations:
            if (
                isinstance(declaration, ast.Network)
                and declaration.name in models
                and is_model(declaration, used)
                and declaration.name not in strange
            ):
                self.collector.add(
                    Diagnostic(
                        "E108",
                        f"the model `{declaration.name}` is declared twice: this network is one itself",
                        declaration.name_span,
                        labels=(Label(models[declaration.name], "declared here too"),),
                    )
                )

    def _follow(self, unit: Unit, chain: list[Unit]) -> None:
        if unit.tree is None:
            return
        for declaration in unit.tree.declarations:
            if isinstance(declaration, ast.Import):
                found = self._import(unit, declaration, chain)
                unit.imports[id(declaration)] = found
                if found is not None and found.tree is not None:
                    self._check_names(found, declaration, unit)

    def _check_names(self, unit: Unit, declaration: ast.Import, importer: Unit) -> None:
        known = {*unit.declared, *unit.imported}
        if unit.nameless:
            return
        for item in declaration.names:
            if item.name not in known:
                models = (
                    [d.name for d in unit.tree.declarations if isinstance(d, ast.Model)] if unit.tree else []
                )
                importer.missing.update(known, [item.name])
                help = did_you_mean(item.name, known)
                if item.name in models:
                    help = "a model is not imported; import the network that it is made of"
                self.collector.add(
                    Diagnostic(
                        "E704", f"`{unit.source.name}` does not declare `{item.name}`", item.span, help=help
                    )
                )

    def _import(self, unit: Unit, declaration: ast.Import, chain: list[Unit]) -> Unit | None:
        try:
            path, root, is_library = self._resolve(unit, declaration)
            found = self.units.get(path)
            if found is None:
                if len(self.units) >= self.limits.files:
                    message = f"the spec is made of more than {self.limits.files:,} files"
                    raise Fault("E904", message, declaration.module_span, help=self.limits.mend("files"))
                if len(chain) > self.limits.import_depth:
                    message = f"files import each other more than {self.limits.import_depth} deep"
                    raise Fault(
                        "E904", message, declaration.module_span, help=self.limits.mend("import_depth")
                    )
                source = resources.read_import(
                    path, root, self._name(path, is_library), declaration.module_span, self.used
                )
                found = self._parse(source, path, is_library)
                found.asked = declaration.module_span
                self._follow(found, [*chain, found])
            elif found in chain:
                raise _cycle(chain[chain.index(found) :], declaration)
            return found
        except Fault as fault:
            self.collector.add(fault.diagnostic)
        except ArchError as error:
            self.collector.extend(error.diagnostics)
        return None

    def _name(self, path: Path, is_library: bool) -> str:
        """What users know a file by: `std/dense.arch`, or its path from the current folder."""
        if is_library:
            return (Path("std") / path.relative_to(resources.std_root().resolve())).as_posix()
        try:
            return path.relative_to(Path.cwd()).as_posix()
        except (OSError, ValueError):  # there may be no current folder any more
            return str(path)

    def _resolve(self, unit: Unit, declaration: ast.Import) -> tuple[Path, Path, bool]:
        """The file that an import means, the folder that it lies in, and whether it is of the library.

        Raises E701 and E702.
        """
        module, dots = declaration.module, declaration.dots
        if dots > 1:
            raise Fault(
                "E702",
                "an import stays in the folder of its file or below",
                declaration.module_span,
                help="`-I PATH` adds a folder to look in",
            )
        parts = (*module[:-1], module[-1] + ".arch")
        std = resources.std_root().resolve()
        if dots == 0 and module[0] == "std":
            return self._of_library(std, parts, declaration), std, True
        roots: list[Path] = []
        if unit.path is not None:
            roots.append(unit.path.parent)
        if dots == 0:
            roots.extend(place for path in self.search if (place := resources.place_of(path)) is not None)
        written = "/".join(parts)
        outside, reason = False, ""
        for root in roots:
            found = resources.find(root, parts)
            if found.path is not None:
                return found.path, root, unit.is_library and found.path.is_relative_to(std)
            outside = outside or found.outside
            reason = reason or found.reason
        if outside:
            raise Fault("E702", f"`{written}` leads outside the folder of this file", declaration.module_span,
                        help="`-I PATH` adds a folder to look in")  # fmt: skip
        if reason:
            raise Fault("E701", f"`{_short(written)}` cannot be read: {reason}", declaration.module_span)
        if not roots:
            raise Fault("E701", "this text lies in no folder, so it imports from the library only",
                        declaration.module_span)  # fmt: skip
        near = {p.stem for root in roots for p in root.joinpath(*parts[:-1]).glob("*.arch")}
        help = did_you_mean(module[-1], near) or "imports look beside their file, and in the folders of `-I`"
        if dots == 0 and resources.find(std, parts).path is not None:
            help = f"of the library it is `from std.{'.'.join(module)} import …`"
        raise Fault(
            "E701",
            f"there is no file `{_short(written)}` beside this one",
            declaration.module_span,
            help=help,
        )

    def _of_library(self, std: Path, parts: tuple[str, ...], declaration: ast.Import) -> Path:
        """The file of the library that an import means. Raises E701."""
        if len(parts) == 1:
            raise Fault("E701", "`std` is a folder of the library", declaration.module_span,
                        help="name a file of it: `from std.dense import dense_block`")  # fmt: skip
        found = resources.find(std, parts[1:]).path
        if found is None:
            names = {"std." + ".".join(p.relative_to(std).with_suffix("").parts) for p in std.rglob("*.arch")}
            raise Fault("E701", f"the library has no file `{_short('/'.join(parts))}`", declaration.module_span,
                        help=did_you_mean(".".join(declaration.module), names))  # fmt: skip
        return found


def _short(path: str) -> str:
    return path if len(path) <= 80 else f"{path[:39]}…{path[-40:]}"


def _cycle(round: list[Unit], last: ast.Import) -> Fault:
    """E703: files of which each imports the next, and the last the first again."""
    names = [f"`{unit.source.name}`" for unit in (*round, round[0])]
    labels = [
        Label(unit.asked, f"imports {name}")
        for unit, name in list(zip(round, names, strict=False))[1:5]
        if unit.asked is not None
    ]
    return Fault(
        "E703",
        "the file imports itself" if len(round) == 1 else "the files import each other in a cycle",
        last.module_span,
        f"imports {names[0]}" + ("" if len(round) == 1 else " again"),
        labels=tuple(labels),
        notes=(" imports ".join(names),) if len(round) > 2 else (),
        help="what both need goes into a file of its own" if len(round) > 1 else "",
    )
