"""A text that has been read: its models, their mistakes, and each model elaborated."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from archdsl.api.architecture import Architecture
from archdsl.diagnostics import ArchError, Collector, Diagnostic, Full
from archdsl.elaborate.alone import check_alone
from archdsl.elaborate.choice import choose_model, no_model, unknown_model
from archdsl.elaborate.doubtful import Doubts, doubts_of
from archdsl.elaborate.evident import check_evident
from archdsl.elaborate.extern_rules import ExternRules, check_externs
from archdsl.elaborate.models import Settings, elaborate, models_of
from archdsl.elaborate.names import check_names
from archdsl.elaborate.program import Program, Unit
from archdsl.elaborate.values import show
from archdsl.graph.model import Graph
from archdsl.limits import DEFAULT_LIMITS, Budget, Limits
from archdsl.records import record
from archdsl.source import Source


@record
class Options:
    """Where imports look beside the spec's folder and the library, whether `extern` blocks are allowed, and how large
    what a text makes may become."""

    search_paths: tuple[Path, ...] = ()
    allow_extern: bool = True
    limits: Limits = DEFAULT_LIMITS


#: A text that took more steps is not worked out again for other inputs without being asked.
_STEPS_AGAIN = 200_000


class Spec:
    """A parsed text and all that it imports. Its models are elaborated one by one."""

    def __init__(self, source: Source, path: Path | None, options: Options) -> None:
        self.source = source
        self.options = options
        self._found = Collector(options.limits)
        self._unit = Unit(source, None, path)
        self._rules: ExternRules = {}
        program = Program(self._found, options.search_paths, options.limits)
        self._files = program.units
        self._doubts: Doubts | None = None
        try:
            self._unit = program.load(source, path)
            # a `default` of a file that cannot be read may change every layer
            self._broken = any(hole.word == "default" for unit in program.all_units for hole in unit.holes)
            check_names(program, self._found)
            self._doubts = doubts_of(program)
            self._rules = check_externs(program, self._found, options.allow_extern)
        except Full:
            self._broken = True

    @property
    def source_name(self) -> str:
        return self.source.name

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that the text lies in: its own, then those that it imports, in the order of reading."""
        return tuple(self._files)

    @property
    def models(self) -> list[str]:
        """Names of the models, in the order of the text."""
        return list(models_of(self._unit))

    def check(
        self,
        model: str | None = None,
        settings: dict[str, Any] | None = None,
        inputs: dict[str, tuple[int, ...]] | None = None,
    ) -> list[Diagnostic]:
        """All mistakes and warnings of one model, or of all; none of the text's mistakes is raised."""
        collector = Collector(self.options.limits)
        with suppress(Full):
            self._check(model, settings or {}, inputs or {}, collector)
        return collector.diagnostics

    def _check(
        self,
        model: str | None,
        settings: dict[str, Any],
        inputs: dict[str, tuple[int, ...]],
        collector: Collector,
    ) -> None:
        collector.extend(self._found.diagnostics)
        models = models_of(self._unit)
        if model is not None and model not in models:
            if self._unit.tree is not None and not self._unit.holes:  # one that cannot be read may be meant
                collector.add(unknown_model(self._unit, model))
            return
        if not models and not self._found.has_errors and not self._is_library():
            missing = no_model(self._unit)
            if missing is not None:
                collector.add(missing)
        used = Budget(self.options.limits)
        for name in models if model is None else [model]:
            self._elaborate(name, settings, inputs, collector, used)
            if used.steps > used.limits.steps:
                return
        self._check_alone(collector)
        if self._doubts is not None:
            self._doubts.tell(collector)

    def architecture(
        self,
        model: str | None = None,
        settings: dict[str, Any] | None = None,
        inputs: dict[str, tuple[int, ...]] | None = None,
        used: Budget | None = None,
    ) -> Architecture:
        """One model, elaborated and checked.

        `settings` are parameters of the network by name: text in the language's own syntax where it is a
        `SettingText`, else ready values. `inputs` are shapes, channels first and without the batch. `used` is what
        several models may take up together. Raises ArchError with all mistakes.
        """
        collector = Collector(self.options.limits)
        used = used or Budget(self.options.limits)
        before = used.steps
        models = models_of(self._unit)
        graph: Graph | None = None
        try:
            collector.extend(self._found.diagnostics)
            if model is None and len(models) == 1:
                model = next(iter(models))
            if model is None:
                if not collector.has_errors:
                    collector.add(choose_model(self._unit))
            elif model not in models:
                if not collector.has_errors:
                    collector.add(unknown_model(self._unit, model))
            else:
                graph = self._elaborate(model, settings or {}, inputs or {}, collector, used)
                self._check_alone(collector)
                if collector.has_errors:
                    graph = None
            if self._doubts is not None:
                self._doubts.tell(collector)
        except Full:
            graph = None
        if graph is None:
            raise ArchError(collector.diagnostics)
        chosen, given, sizes = model, dict(settings or {}), dict(inputs or {})

        def again(other: dict[str, tuple[int, ...]]) -> Architecture:
            return self.architecture(chosen, given, {**sizes, **other})

        def at(other: dict[str, tuple[int, ...]]) -> Graph | None:
            limits = self.options.limits
            budget = Budget(replace(limits, steps=min(limits.steps, 4 * _STEPS_AGAIN)))
            try:
                return self.architecture(chosen, given, {**sizes, **other}, budget)._graph
            except ArchError:
                return None

        if used.steps - before < _STEPS_AGAIN:
            graph.at = at
        limits, files = self.options.limits, self.files
        return Architecture(graph, collector.diagnostics, self.source.name, limits, again, files)

    def _elaborate(
        self,
        model: str,
        settings: dict[str, Any],
        inputs: dict[str, tuple[int, ...]],
        collector: Collector,
        used: Budget,
    ) -> Graph | None:
        values = {name: self._setting(name, value, collector) for name, value in settings.items()}
        if self._broken or any(value is None for value in values.values()):
            return None
        shown = {
            name: str(v) if isinstance(v, SettingText) else show(values[name]) for name, v in settings.items()
        }
        shown.update({name: "x".join(map(str, sizes)) for name, sizes in inputs.items()})
        found = Collector(self.options.limits)
        declaration = models_of(self._unit)[model]
        chosen = Settings(values, dict(inputs), shown)
        graph = None
        try:
            graph = elaborate(self._unit, model, declaration, chosen, used, self._rules, found)
        finally:
            collector.extend(found.diagnostics)
        return None if self._found.has_errors else graph

    def _check_alone(self, collector: Collector) -> None:
        """What is wrong in blocks whatever reaches them, if all of the text could be read, and in the text itself."""
        if not self._broken and not self._unit.holes:
            check_alone(self._unit, self.options.limits, self._rules, collector)
        check_evident(self._unit, collector)

    def _setting(self, name: str, value: Any, collector: Collector) -> Any:
        if isinstance(value, SettingText):
            from archdsl.syntax.parser import parse_expression

            return parse_expression(
                Source(f"<--set {name}>", str(value)), collector, Budget(self.options.limits)
            )
        return _plain(name, value)

    def _is_library(self) -> bool:
        """A file of blocks for others: checked by itself, it needs no model."""
        tree = self._unit.tree
        return (
            tree is not None
            and bool(self._unit.declared)
            and not any(type(d).__name__ == "Network" for d in tree.declarations)
        )


class SettingText(str):
    """A value of `--set`, as text in the language's own syntax."""


def _plain(name: str, value: Any) -> Any:
    """A Python value as one of the language. Raises TypeError."""
    if isinstance(value, (list, tuple)):
        return [_plain(name, item) for item in value]
    if type(value) not in (int, float, bool, str):
        raise TypeError(f"{name}: a setting is an int, float, bool, str or list, not {type(value).__name__}")
    return value
