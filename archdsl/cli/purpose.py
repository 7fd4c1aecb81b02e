"""What a module is compiled for: the options of the commands that make one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from archdsl.cli.program import did_you_mean, fail, one_of
from archdsl.graph.plan import PURPOSES, TARGETS, Plan, PlanError

F = TypeVar("F", bound=Callable[..., Any])

INFERENCE, TRAINING = PURPOSES
EXPLAIN = "--explain-passes"


def purpose_options(*purposes: str, target: str = TARGETS[0]) -> Callable[[F], F]:
    """Add `--for`, `--target`, `--passes` and, for training, `--checkpoint` to a command, which gets them as `plan`.

    It is a Plan, or None without `--for`. `purposes` are those that the command knows; all without any. `target` is
    that of a plan whose user names none.
    """
    known, usual = purposes or PURPOSES, target

    def decorate(function: F) -> F:
        @functools.wraps(function)
        def command(
            *,
            purpose: str | None,
            target: str | None,
            passes: tuple[str, ...] | None,
            checkpoint: tuple[str, ...] = (),
            **rest: Any,
        ) -> Any:
            try:
                return function(plan=_plan(purpose, target, passes, checkpoint, known, usual), **rest)
            except PlanError as error:
                fail(error.message, error.help)

        for option in reversed(_options(known, usual)):
            command = option(command)
        return command  # type: ignore[return-value]

    return decorate


class Explaining(click.Command):
    """A command that takes `--explain-passes` and `--explain-passes=FORMAT`: what follows a blank is not its format."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        bare = [f"{EXPLAIN}=text" if arg == EXPLAIN else arg for arg in args[:end]]
        return super().parse_args(ctx, bare + args[end:])


explain_option = click.option(
    EXPLAIN,
    "explain",
    metavar="[=json]",
    type=one_of(["text", "json"]),
    help="Tell what was done where and what it should save, or why it was not; as JSON on standard output.",
)


def _words(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """`fold-norm,clamp`, each time."""
    if not values:
        return None
    words = [word.strip().lower().replace("_", "-") for value in values for word in value.split(",")]
    if not all(words):
        raise click.BadParameter("a name is empty; `none` leaves out every pass that can be left out")
    return tuple(words)


passes_option = click.option(
    "--passes",
    metavar="LIST",
    multiple=True,
    callback=_words,
    help="The rewrites to use, whether they pay or not: `fold-norm,clamp`; `-clamp` is all but that; `all`, `none`.",
)
checkpoint_option = click.option(
    "--checkpoint",
    metavar="BLOCK",
    multiple=True,
    help="A block that is computed again in the backward pass, and not kept.",
)


def _options(known: tuple[str, ...], usual: str) -> list[Callable[[Any], Any]]:
    options = [
        click.option(
            "--for",
            "purpose",
            metavar="|".join(known),
            callback=functools.partial(_one_of, "purpose", known),
            help=f"What the module is to be good at: {', '.join(f'{_GOOD[p]} ({p})' for p in known)}.",
        ),
        click.option(
            "--target",
            metavar="|".join(TARGETS),
            callback=functools.partial(_one_of, "target", TARGETS),
            help=f"What runs it: PyTorch as it is, torch.compile, or CUDA graphs.  [default: {usual}]",
        ),
        passes_option,
    ]
    if TRAINING in known:
        options.append(checkpoint_option)
    return options


_GOOD = {INFERENCE: "the same results in less time", TRAINING: "the same step in less memory"}


def _one_of(
    what: str, known: tuple[str, ...], _: click.Context, __: click.Parameter, value: str | None
) -> str | None:
    """One of the known words, in any case."""
    if value is None or value.lower() in known:
        return value and value.lower()
    raise click.BadParameter(f"there is no {what} {value[:100]!r}: {did_you_mean(value.lower(), known)}")


def _plan(
    purpose: str | None,
    target: str | None,
    passes: tuple[str, ...] | None,
    checkpoint: tuple[str, ...],
    known: tuple[str, ...],
    usual: str,
) -> Plan | None:
    """What the options say. Raises PlanError for a pass that there is not, and refuses options that nothing uses."""
    if purpose is None:
        for option, value in (("target", target), ("passes", passes), ("checkpoint", checkpoint)):
            if value:
                ways = " or ".join(f"`--for {p}`" for p in known if option != "checkpoint" or p == TRAINING)
                fail(
                    f"`--{option}` says how to compile for a purpose, and none is given", f"{ways} gives one"
                )
        return None
    if checkpoint and purpose != TRAINING:
        fail(f"`--checkpoint` is for training, and this is for {purpose}", "`--for training` takes it")
    from archdsl.passes import chosen

    plan = Plan(purpose, target or usual, passes, checkpoint)
    chosen(plan)
    return plan


def given(plan: Plan) -> str:
    """A plan as it is given to a command."""
    words = [f"--for {plan.purpose}"]
    if plan.target != TARGETS[0]:
        words.append(f"--target {plan.target}")
    if plan.passes is not None:
        words.append(f"--passes {','.join(plan.passes)}")
    return " ".join(words)
