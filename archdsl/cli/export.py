"""`archdsl export`: the network as a program for other runtimes."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from archdsl.api import Architecture
from archdsl.cli.common import Request, files_of, force_option, spec_options
from archdsl.cli.output import STDOUT, progress, write_all
from archdsl.cli.program import ERRORS, USAGE, complain, fail
from archdsl.cli.purpose import purpose_options
from archdsl.cli.streams import is_terminal
from archdsl.diagnostics.cells import printable
from archdsl.graph.plan import Plan
from archdsl.resources import check_target

_SUFFIXES = {"onnx": ".onnx", "torch": ".pt2"}
#: What a form needs, each with the extra of archdsl that brings it.
_NEEDS = {
    "onnx": {"torch": "onnx", "onnx": "onnx", "onnxscript": "onnx"},
    "torch": {"torch": "torch"},
}
_WORDS = {"onnx": "an ONNX model", "torch": "a program of torch.export"}
_FLAGS = {"onnx": "--onnx", "torch": "--torch-export"}


@click.command("export")
@click.argument("spec")
@spec_options
@click.option("--onnx", is_flag=True, help="An ONNX model, MODEL.onnx.")
@click.option("--torch-export", is_flag=True, help="A program of torch.export, MODEL.pt2.")
@click.option(
    "--weights",
    metavar="FILE",
    help="The weights: safetensors, or a file of PyTorch with tensors alone.  [default: fresh ones]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    metavar="N",
    help="What fresh weights are drawn from.  [default: 0]",
)
@click.option(
    "--dynamic",
    metavar="AXES",
    default="batch",
    show_default=True,
    help="Axes whose size may vary, with commas between them: height,width. The batch always may.",
)
@click.option(
    "--opset",
    type=click.IntRange(1, 2**31 - 1),
    metavar="N",
    help="The opset of the ONNX model: from 18 to the last that the package onnx knows.  [default: PyTorch's]",
)
@purpose_options("inference", target="compile")
@click.option("--no-check", is_flag=True, help="Do not compare what was made with the module.")
@click.option("-o", "--output", metavar="PATH", help="The file to write; `-` is standard output.")
@force_option
def command(
    request: Request,
    spec: str,
    onnx: bool,
    torch_export: bool,
    weights: str | None,
    seed: int | None,
    dynamic: str,
    opset: int | None,
    plan: Plan | None,
    no_check: bool,
    output: str | None,
    force: bool,
) -> int:
    """Write a model in evaluation as a program, by default to MODEL.onnx or MODEL.pt2 in the current folder.

    Its inputs and outputs have the names of the spec. It is run at other sizes and compared with the generated
    module before it is written. With `--for inference` it is the network as the compiler rewrites it. Exit status 1
    says that the network cannot be exported, or that they differ.
    """
    if onnx == torch_export:
        fail("`--onnx` or `--torch-export` says what to write" + ", one of them" * onnx)
    form = "onnx" if onnx else "torch"
    if opset is not None and form != "onnx":
        fail("`--opset` is for `--onnx`")
    if seed is not None and weights is not None:
        fail("`--seed` is for fresh weights, and `--weights` gives others", "leave one of them out")
    _check_suffix(output, form)
    if output == STDOUT and is_terminal(sys.stdout):
        fail("a program is nothing for a terminal", "`-o` names a file")
    (architecture,) = request.architectures(
        spec, False
    )  # mistakes of the text are told before torch is loaded
    for package, extra in _NEEDS[form].items():
        if find_spec(package) is None:
            fail(
                f"{package} is not installed, and `export {_FLAGS[form]}` needs it",
                f"pip install 'archdsl[{extra}]'",
            )
    path = f"{architecture.model}{_SUFFIXES[form]}" if output is None else output
    keep = files_of([architecture]) | ({Path(weights)} if weights is not None else set())
    if path != STDOUT:
        check_target(path, force, keep)

    from archdsl.export import Settings

    free = tuple(axis.strip() for axis in dynamic.split(",") if axis.strip())
    data_path = f"{path}.data"
    settings = Settings(
        form, opset, free, seed or 0, not no_check, plan, data_name=Path(data_path).name, say=progress
    )
    made = _made(architecture, settings, weights)
    if isinstance(made, int):
        return made
    files: list[tuple[str, Any]] = [(path, made.data)]
    if made.beside is not None:
        if path == STDOUT:
            fail("the weights need a file of their own: the model is larger than 2 GiB", "`-o` names a file")
        files.insert(0, (data_path, made.beside))
    write_all(files, force=force, keep=keep)
    click.echo("\n".join(printable(text) for text in (made.about, made.held) if text), err=True)
    return 0


def _check_suffix(output: str | None, form: str) -> None:
    """A file that has a suffix has that of the form."""
    suffix = Path(output).suffix if output is not None and output != STDOUT else ""
    if suffix and suffix.lower() != _SUFFIXES[form]:
        other = next((flag for name, flag in _FLAGS.items() if _SUFFIXES[name] == suffix.lower()), None)
        fail(
            f"`{printable(suffix)}` is no suffix of {_WORDS[form]}",
            f"`-o` names a file in `{_SUFFIXES[form]}`" + (f"; `{other}` writes `{suffix}`" if other else ""),
        )


def _made(architecture: Architecture, settings: Any, weights: str | None) -> Any:
    """What was exported, or the status of what went wrong, which is told."""
    from archdsl.checkpoints import CheckpointError, read_checkpoint
    from archdsl.export import ExportError, export

    try:
        checkpoint = None
        if weights is not None:
            checkpoint = read_checkpoint(weights)
            for note in checkpoint.notes:
                click.echo(f"note: {printable(note)}", err=True)
        return export(architecture, settings, checkpoint)
    except CheckpointError as error:
        progress("")
        fail(error.message, error.help)
    except ExportError as error:
        progress("")
        complain(error.message)
        for note in error.notes:
            click.echo(f"note: {printable(note)}", err=True)
        if error.help:
            click.echo(f"help: {printable(error.help)}", err=True)
        return USAGE if error.wrong else ERRORS
    except MemoryError as error:
        progress("")
        fail(f"there is not enough memory: {error}".rstrip(": "))
    finally:
        progress("")
