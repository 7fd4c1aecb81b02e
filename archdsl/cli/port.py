"""`archdsl port`: a checkpoint with other keys becomes one of the generated module."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from archdsl.api import Architecture
from archdsl.checkpoints import (
    Checkpoint,
    CheckpointError,
    check_trained,
    encode_checkpoint,
    folded,
    read_checkpoint,
)
from archdsl.checkpoints.writing import check_suffix
from archdsl.cli.common import Request, files_of, force_option, spec_options
from archdsl.cli.output import progress, write_all
from archdsl.cli.program import ERRORS, complain, fail, one_of
from archdsl.cli.purpose import given, purpose_options
from archdsl.diagnostics.as_json import dumps
from archdsl.diagnostics.cells import printable
from archdsl.graph.plan import Plan as Purpose
from archdsl.graph.state import StateKey, only_in_training
from archdsl.marks import mark
from archdsl.port import Line, MapError, Plan, read_map
from archdsl.port import plan as pair
from archdsl.port.hints import hints
from archdsl.port.keys import module_keys
from archdsl.port.report import as_data, as_lines, as_map
from archdsl.resources import check_target

AUTO = "auto"


@click.command("port")
@click.argument("spec")
@spec_options
@click.option(
    "--weights", required=True, metavar="FILE", help="The checkpoint: safetensors, or PyTorch's own."
)
@click.option(
    "--map",
    "map_file",
    default=AUTO,
    show_default=True,
    metavar="auto|FILE",
    help="Which key is which: found by names, numbers and shapes, or told by a file of lines `theirs -> ours`.",
)
@click.option(
    "-o", "--output", metavar="PATH", help="The checkpoint to write: .safetensors, .pth, .pt or .bin."
)
@click.option("--save-map", metavar="FILE", help="Write the map that was found, to correct it.")
@click.option("--skip", multiple=True, metavar="PATTERN", help="Leave out keys of either side, as `fc.*`.")
@click.option("--by-order", is_flag=True, help="Accept pairs that nothing but their order tells apart.")
@click.option("--partial", is_flag=True, help="Write what has found its place, whatever is left over.")
@click.option("--entry", metavar="NAME", help="The entry with the weights, where a file has several.")
@purpose_options("inference")
@click.option("--format", type=one_of(["text", "json"]), default="text", show_default=True)
@force_option
def command(
    request: Request,
    spec: str,
    weights: str,
    map_file: str,
    output: str | None,
    save_map: str | None,
    skip: tuple[str, ...],
    by_order: bool,
    partial: bool,
    entry: str | None,
    plan: Purpose | None,
    format: str,
    force: bool,
) -> int:
    """Write a checkpoint of another module, with other keys, as one that the generated module loads.

    With `--for inference` it is one that the module which `compile --for inference` writes loads.

    Keys are paired by name, then by number and shape, then by order. Without `-o` the pairs are only told. Nothing is
    written, and the exit status is 1, where keys are left over or nothing but their order tells them apart.
    """
    architecture = request.architectures(spec, False)[0]
    try:
        if output is not None:
            check_suffix(output)
            check_target(output, force, {*files_of([architecture]), Path(weights)})
        lines = [] if map_file == AUTO else _lines(map_file)
        keys = module_keys(architecture)
        progress(f"reading {printable(weights)}")
        checkpoint = read_checkpoint(weights, entry)
        _check_unfolded(architecture, checkpoint, plan)
        progress("pairing keys")
        made = pair(
            {one.key: one.shape for one in keys}, checkpoint, lines, skip, _spare(architecture, keys, plan)
        )
        accepted = (made.complete or partial) and (by_order or not made.doubts)
        accepted = accepted and (made.strict or plan is None)
        artefacts: list[tuple[str, bytes]] = []
        if output is not None and accepted:
            tensors = made.tensors()
            if plan is not None:
                progress(f"folding for {plan.purpose}")
                tensors = folded(architecture.build(plan), tensors)
            progress(f"writing {printable(output)}")
            artefacts.append((output, encode_checkpoint(output, tensors)))
    except (CheckpointError, MapError) as error:
        fail(error.message, error.help)
    finally:
        progress("")
    if save_map is not None:
        artefacts.append((save_map, _map_bytes(save_map, made)))
    places = {one.key: one.place for one in keys}
    written = output if accepted else None
    if format == "json":
        found = as_data(made, places)
        if plan is not None:
            found |= {"for": plan.purpose, "target": plan.target}
        click.echo(dumps(_data(architecture, made, written, found)))
    else:
        click.echo(_text(architecture, made, as_lines(made, places)))
        if written is not None and not made.strict:
            click.echo("the module takes it only in part: load it with `strict=False`")
        if written is not None and plan is not None:
            click.echo(f"folded for {plan.purpose}: what `compile {given(plan)}` writes takes it")
    read = {*files_of([architecture]), *map(Path, checkpoint.files)}
    if map_file != AUTO:
        read.add(Path(map_file))
    write_all(artefacts, force=force, keep=read)
    if not accepted:
        whole = partial and plan is not None and not made.strict
        _refuse(architecture, made, output, partial=partial, by_order=by_order, whole=whole)
        return ERRORS
    return 0


def _check_unfolded(architecture: Architecture, checkpoint: Checkpoint, plan: Purpose | None) -> None:
    """Raises CheckpointError where the file is what this command makes of one, and no checkpoint of a training."""
    if plan is None:
        check_trained(checkpoint)
    else:
        check_trained(checkpoint, partial(architecture.build, plan), f"compile {given(plan)}")


def _spare(architecture: Architecture, keys: list[StateKey], plan: Purpose | None) -> list[str]:
    """The keys that what is made for a purpose does without."""
    unneeded = set() if plan is None else only_in_training(architecture._graph)
    return [one.key for one in keys if one.module in unneeded]


def _lines(path: str) -> list[Line]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise MapError(f"`{path}` cannot be read: {reason[:1].lower()}{reason[1:]}") from None
    return read_map(text, path)


def _map_bytes(path: str, made: Plan) -> bytes:
    if Path(path).suffix == ".json":
        return as_map(made, True).encode("utf-8")
    return mark(as_map(made, False).encode("utf-8"), "txt")


def _data(arch: Architecture, made: Plan, written: str | None, found: dict[str, Any]) -> dict[str, Any]:
    about = {"spec": arch.source_name, "model": arch.model, "weights": made.checkpoint.name}
    return {**about, "written": written, **found}


def _text(arch: Architecture, made: Plan, lines: list[str]) -> str:
    head = f"{arch.model} of {arch.source_name} from {made.checkpoint.name}"
    return "\n".join(map(printable, [head, *lines]))


def _refuse(
    arch: Architecture, made: Plan, output: str | None, *, partial: bool, by_order: bool, whole: bool
) -> None:
    """Say why nothing is written, and what would help; `whole` where some weights are missing and all are needed."""
    why, help = [], []
    if whole:
        why.append("keys of the module are left over, and those for inference are folded from all")
    if not (made.complete or partial):
        why.append("keys are left over")
        help += [*hints(made, arch), "`--skip PATTERN` leaves out keys, `--partial` all that is left over"]
    if made.doubts and not by_order:
        why.append("only the order of some keys tells which is which")
        help.append("`--by-order` accepts that, `--save-map FILE` writes a map to correct")
    nothing = "nothing is written" if output is not None else "it would not be written"
    complain(f"{', and '.join(why)}: {nothing}")
    for line in help:
        click.echo(f"help: {printable(line)}", err=True)
