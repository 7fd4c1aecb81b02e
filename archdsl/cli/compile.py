"""`archdsl compile`: write the PyTorch module."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Sequence
from keyword import iskeyword
from pathlib import Path

import click

from archdsl.api import Architecture
from archdsl.cli.common import Request, all_option, check_one_choice, files_of, force_option, spec_options
from archdsl.cli.output import STDOUT, targets, write_all
from archdsl.cli.program import did_you_mean, fail
from archdsl.cli.purpose import EXPLAIN, Explaining, explain_option, purpose_options
from archdsl.diagnostics.as_json import dumps
from archdsl.diagnostics.cells import printable
from archdsl.graph.plan import Explained, Plan
from archdsl.memory import growing
from archdsl.version import __version__

#: What `--with` takes: libraries that the module itself is to fit, and `hub`, a file beside it.
LIBRARIES = ("hf", "hub", "timm")
HUBCONF = "hubconf.py"


def _libraries(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """`timm,hub`, each time."""
    names = [name.strip().lower() for value in values for name in value.split(",")]
    for name in names:
        if name not in LIBRARIES:
            raise click.BadParameter(f"there is no library {name[:100]!r}: {did_you_mean(name, LIBRARIES)}")
    return frozenset(names)


@click.command("compile", cls=Explaining)
@click.argument("spec")
@spec_options
@all_option
@click.option("-o", "--output", metavar="PATH", help="The file to write; `-` is standard output.")
@purpose_options()
@explain_option
@click.option(
    "--with",
    "libraries",
    metavar="hf|hub|timm",
    multiple=True,
    callback=_libraries,
    help="Make it fit the Hugging Face Hub, torch.hub (writes hubconf.py as well) or timm.",
)
@click.option(
    "--templates",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder of templates that take the place of archdsl's; `archdsl templates` lists those.",
)
@force_option
def command(
    request: Request,
    spec: str,
    all_models: bool,
    output: str | None,
    plan: Plan | None,
    explain: str | None,
    libraries: frozenset[str],
    templates: Path | None,
    force: bool,
) -> None:
    """Write the PyTorch module of a model, by default to MODEL.py in the current folder."""
    check_one_choice(request, all_models)
    if explain is not None and plan is None:
        fail(
            f"`{EXPLAIN}` tells what is done for a purpose, and none is given", "`--for inference` gives one"
        )
    if explain == "json" and output == STDOUT:
        fail(f"the module and the JSON of `{EXPLAIN}` cannot both go to standard output", "`-o` names a file")
    if "hub" in libraries and output == STDOUT:
        fail(f"`{HUBCONF}` stands beside the module: both cannot go to standard output", "`-o` names a file")
    architectures = request.architectures(spec, all_models)
    inside = libraries - {"hub"}
    with growing():  # of a large network nothing is given up while its module is made
        modules = [(a.model, a.source(plan=plan, with_=inside, templates=templates)) for a in architectures]
    if output is None:
        _check_shadows(modules)
    files = targets([name for name, _ in modules], ".py", output, all_models=all_models)
    artefacts = [(file, text.encode("utf-8")) for file, (_, text) in zip(files, modules, strict=True)]
    if "hub" in libraries:
        text = _hubconf(files, architectures, inside, templates)
        artefacts.append((str(Path(files[0]).parent / HUBCONF), text.encode("utf-8")))
    write_all(artefacts, force=force, keep=files_of(architectures))
    if explain is not None and plan is not None:
        _explain([architecture.explained(plan) for architecture in architectures], explain, all_models)


def _explain(found: Sequence[Explained], form: str, all_models: bool) -> None:
    """Tell what passes did: people on standard error, programs on standard output."""
    from archdsl.passes.explain import as_data, as_lines

    if form == "json":
        data = [as_data(one, __version__) for one in found]
        click.echo(dumps(data if all_models else data[0]))
    else:
        texts = ["\n".join(map(printable, as_lines(one))) for one in found]
        click.echo("\n\n".join(texts), err=True)


def _hubconf(
    files: Sequence[str],
    architectures: Sequence[Architecture],
    inside: Collection[str],
    templates: Path | None,
) -> str:
    """The text of the file beside the modules from which `torch.hub` loads them."""
    from archdsl.emit import HubModel, Library, emit_hubconf, factory_name, packages

    models = [
        HubModel(_module_of(file), factory_name(found._graph, inside), tuple(packages(found._graph)))
        for file, found in zip(files, architectures, strict=True)
    ]
    return emit_hubconf(models, __version__, inside, Library(templates))


def _module_of(file: str) -> str:
    """The name by which Python imports a file that lies beside another."""
    path = Path(file)
    name = path.stem
    plain = name.isascii() and name.isidentifier() and not iskeyword(name)
    if not plain or path.suffix != ".py" or path.name == HUBCONF:
        fail(
            f"`{HUBCONF}` cannot import `{printable(path.name)}`",
            "`-o` names a file of Python whose name is a word: -o my_net.py",
        )
    return name


def _check_shadows(modules: Iterable[tuple[str, str]]) -> None:
    """A file beside the one that runs hides what is installed: none takes the name of a module that it imports."""
    for name, text in modules:
        if re.search(rf"^(import|from) {name}\b", text, re.MULTILINE) and name in _imported(text):
            fail(
                f"`{name}.py` would import `{name}`, and find itself",
                f"`-o` gives the file another name: -o {name}_model.py",
            )


def _imported(text: str) -> set[str]:
    """The modules and packages that Python looks for to run a text."""
    found: set[str] = set()
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            found.add(statement.module.partition(".")[0])
    return found
