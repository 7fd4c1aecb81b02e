"""Options of commands that hold two networks against each other: which one was before."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from archdsl.api import Architecture, SettingText
from archdsl.cli.common import Request, inputs_of, settings_of
from archdsl.diagnostics import ArchError
from archdsl.records import record

F = TypeVar("F", bound=Callable[..., Any])


@record
class Before:
    """How the network before differs from the one after in what was asked for."""

    model: str | None
    settings: dict[str, SettingText]
    inputs: dict[str, tuple[int, ...]]

    @property
    def is_asked(self) -> bool:
        return self.model is not None or bool(self.settings) or bool(self.inputs)

    def architecture(self, request: Request, path: str) -> Architecture:
        """The network before; what is not said of it alone is as for the one after. Stops at errors."""
        model = self.model or request.model
        if self.model is None and model is not None:
            try:
                model = model if model in request.open(path).models else None
            except ArchError:
                model = None  # told when it is read again
        settings, inputs = {**request.settings, **self.settings}, {**request.inputs, **self.inputs}
        (found,) = replace(request, model=model, settings=settings, inputs=inputs).architectures(path, False)
        return found


def before_options(function: F) -> F:
    """Add the options of a Before to a command, which gets it as `before`."""

    @functools.wraps(function)
    def command(
        *,
        from_model: str | None,
        from_settings: dict[str, SettingText],
        from_inputs: dict[str, tuple[int, ...]],
        **rest: Any,
    ) -> Any:
        return function(before=Before(from_model, from_settings, from_inputs), **rest)

    for option in reversed(_OPTIONS):
        command = option(command)
    return command  # type: ignore[return-value]


_OPTIONS: list[Callable[[Any], Any]] = [
    click.option("--from-model", metavar="NAME", help="The model before, where it is another one."),
    click.option(
        "--from-set",
        "from_settings",
        metavar="NAME=VALUE",
        multiple=True,
        callback=settings_of,
        help="A parameter of the network before.",
    ),
    click.option(
        "--from-input",
        "from_inputs",
        metavar="NAME=3x320x320",
        multiple=True,
        callback=inputs_of,
        help="The shape of an input of the network before.",
    ),
]
