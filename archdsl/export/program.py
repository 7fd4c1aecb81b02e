"""An export from end to end: the module with its weights, its program, the file, and whether that is the module."""

from __future__ import annotations

import ast
import io
from collections.abc import Callable, Mapping
from dataclasses import field
from importlib.util import find_spec
from pathlib import PurePath

import torch
from torch import Tensor, nn
from torch.export import ExportedProgram

from archdsl.api import Architecture
from archdsl.checkpoints import Checkpoint, load_strictly
from archdsl.diagnostics import ArchError
from archdsl.elaborate.values import show
from archdsl.export.compare import BATCHES, Case, Comparison, Run, hold
from archdsl.export.faults import ExportError, guarded
from archdsl.export.ports import Ports, ports_of
from archdsl.export.trace import trace
from archdsl.graph.plan import Plan
from archdsl.graph.state import only_in_training
from archdsl.records import record
from archdsl.verify.running import tensors
from archdsl.version import __version__

#: Other sizes of an axis that varies, as parts of the declared one and what they must be a multiple of. Larger ones
#: first: where a map becomes 1×1, PyTorch sees another network.
_SIZES = ((1.29, 1), (1.25, 32), (1.5, 32), (2, 64), (0.73, 1), (0.5, 32))


@record
class Settings:
    """What to make. `form` is "onnx" or "torch"; `opset` that of ONNX, None for PyTorch's; `free` the axes that may
    vary beside the batch; `seed` that of fresh weights; `data_name` the file of weights for which a model has no room.
    `plan` is what the network is rewritten for, if it is. `say` is told what is going on.
    """

    form: str
    opset: int | None = None
    free: tuple[str, ...] = ()
    seed: int = 0
    check: bool = True
    plan: Plan | None = None
    data_name: str = "model.onnx.data"
    say: Callable[[str], None] = lambda text: None


@record
class Exported:
    """`data` is the file; `beside` the pieces of a second one, of the weights, or None. `about` says what was made, and
    `held` how it was compared; it is "" where it was not."""

    data: bytes
    beside: tuple[bytes, ...] | None
    about: str
    held: str
    metadata: Mapping[str, str] = field(default_factory=dict)


def export(arch: Architecture, settings: Settings, weights: Checkpoint | None = None) -> Exported:
    """The program of a model in evaluation, with these weights, or freshly initialised. What leads to outputs of
    training alone needs none.

    With a plan it is that of the rewritten network; weights, and the module that it is compared with, are those of the
    network as written.

    Raises ArchError where a package of an extern block is missing, CheckpointError where the weights are not those of
    the module, ExportError, and MemoryError.
    """
    ports = ports_of(arch, settings.free)
    others = _other_sizes(arch, ports, settings.plan)
    settings.say(f"{arch.model}: building")
    net = _built(arch, settings.seed)
    if weights is not None:
        load_strictly(net, weights, [module.path for module in only_in_training(arch._graph)])
    cases = _cases(arch, ports, others, net) if settings.check else []
    settings.say(f"{arch.model}: tracing")
    program = trace(arch, net if settings.plan is None else _rewritten(arch, settings.plan, net), ports)
    metadata = _metadata(arch, settings, weights)
    make = _as_onnx if settings.form == "onnx" else _as_torch
    return make(arch, program, ports, settings, metadata, cases)


def _built(arch: Architecture, seed: int) -> nn.Module:
    """The module in evaluation, its weights drawn from the seed."""
    with guarded(f"the module of `{arch.model}` cannot be built"), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return arch.build().eval()


def _rewritten(arch: Architecture, plan: Plan, net: nn.Module) -> nn.Module:
    """The module for a purpose, with the weights of the one as written."""
    with guarded(f"the module of `{arch.model}` for {plan.purpose} cannot be built"):
        module = arch.build(plan)
        module.load_trained(net.state_dict())  # type: ignore[operator]
    module._compiled_call_impl = None  # the program is of what is compiled
    return module


def _other_sizes(arch: Architecture, ports: Ports, plan: Plan | None) -> Architecture | None:
    """The same module where the free axes have other sizes; None where only the batch is free. Raises ExportError."""
    named = ", ".join(size for free in ports.free.values() for axis, size in free.items() if axis)
    if not named:
        return None
    why = ""
    for part, multiple in _SIZES:
        shapes = {}
        for name, shape in ports.inputs.items():
            dims = list(shape)
            for axis in ports.free[name]:
                if axis:
                    dims[axis - 1] = max(multiple, round(dims[axis - 1] * part / multiple) * multiple)
            shapes[name] = tuple(dims)
        if shapes == ports.inputs:
            continue
        try:
            other = arch.with_inputs(**shapes)
        except ArchError as error:
            why = why or error.diagnostics[0].message
            continue
        if _code(other, plan) == _code(arch, plan):
            return other
        shown = ", ".join("×".join(map(str, shape)) for shape in shapes.values())
        why = why or f"for {shown} the module is another one"
    raise ExportError(
        f"the program cannot take another {named}", (why,), "leave it out of `--dynamic`", wrong=True
    )


def _code(arch: Architecture, plan: Plan | None) -> str:
    """What the generated module does: without its comments and docstrings, which tell sizes."""
    tree = ast.parse(arch.source(plan=plan))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:]
    return ast.dump(tree)


def _cases(arch: Architecture, ports: Ports, other: Architecture | None, net: nn.Module) -> list[Case]:
    """The module as it is, and with the same weights that of the other sizes."""
    cases: list[Case] = [(net, list(ports.inputs.values()))]
    if other is not None:
        twin = _built(other, 0)
        twin.load_state_dict(net.state_dict())
        cases.append((twin, [tuple(shape) for shape in other.inputs.values()]))
    return cases


def _metadata(arch: Architecture, settings: Settings, weights: Checkpoint | None) -> dict[str, str]:
    """What the file says of itself: where it comes from, what `--set` and `--input` gave, whose weights it has."""
    graph = arch._graph
    root, given = graph.root, ", ".join(f"{name}={value}" for name, value in graph.overrides.items())
    whose = f"initialised with the seed {settings.seed}" if weights is None else PurePath(weights.name).name
    network = root.definition.name if root.definition is not None else arch.model
    arguments = ", ".join(f"{name}={show(value)}" for name, value in root.arguments.items())
    return {
        "archdsl": __version__,
        "spec": graph.source_name,
        "model": arch.model,
        "network": f"{network}({arguments})" if arguments else network,
        **({"set": given} if given else {}),
        "weights": whose,
        **({"for": f"{settings.plan.purpose}, {settings.plan.target}"} if settings.plan else {}),
        "torch": str(torch.__version__),
    }


def _as_onnx(
    arch: Architecture,
    program: ExportedProgram,
    ports: Ports,
    settings: Settings,
    metadata: Mapping[str, str],
    cases: list[Case],
) -> Exported:
    from archdsl.export.as_onnx import (
        to_onnx,
    )  # not where a program of PyTorch is wanted: onnx may be missing
    from archdsl.export.onnx_runs import checked, onnxruntime_of

    settings.say(f"{arch.model}: writing it in ONNX")
    doc = arch._graph.doc
    model = to_onnx(program, ports, arch.model, doc, metadata, settings.opset, settings.data_name)
    held = ""
    if settings.check:
        settings.say(f"{arch.model}: comparing")
        with checked(model, arch.model, settings.data_name) as opened:
            if find_spec("onnxruntime") is None:
                held = "valid ONNX; not compared with the module: onnxruntime is not installed"
            else:
                run, version = onnxruntime_of(opened, ports)
                what = f"onnxruntime {version}"
                held = _held(what, hold(run, cases, ports, what), cases)
    about = f"{_signature(arch, ports)}; opset {model.opset}"
    return Exported(model.proto.SerializeToString(), model.data, about, held, metadata)


def _as_torch(
    arch: Architecture,
    program: ExportedProgram,
    ports: Ports,
    settings: Settings,
    metadata: Mapping[str, str],
    cases: list[Case],
) -> Exported:
    from archdsl.export.as_torch import to_torch

    settings.say(f"{arch.model}: writing it")
    data = to_torch(program, arch.model, metadata)
    held = ""
    if settings.check:
        settings.say(f"{arch.model}: comparing")
        with guarded("the file cannot be loaded"):
            loaded = torch.export.load(io.BytesIO(data)).module()
        held = _held("the program", hold(_calling(loaded), cases, ports, "the program"), cases)
    return Exported(data, None, _signature(arch, ports), held, metadata)


def _calling(module: nn.Module) -> Run:
    def run(arrived: list[Tensor]) -> list[Tensor]:
        with torch.no_grad():
            return tensors(module(*arrived))

    return run


def _held(what: str, found: Comparison, cases: list[Case]) -> str:
    where = f"at batches of {' and '.join(map(str, BATCHES))}"
    if len(cases) > 1:
        where += f", and with {', '.join('×'.join(map(str, shape)) for shape in cases[-1][1])}"
    shown = f"{found.difference:.1e}" if found.difference else "0"
    text = f"{what} gives what the module gives {where}: the largest relative difference is {shown}"
    if found.constant:
        text += f"; with these weights {', '.join(found.constant)} is the same whatever arrives"
    return text


def _signature(arch: Architecture, ports: Ports) -> str:
    """`image [batch, 3, 224, 224] -> logits`."""
    taken = []
    for name, shape in ports.inputs.items():
        dims = [ports.free[name].get(axis, str(size)) for axis, size in enumerate((0, *shape))]
        taken.append(f"{name} [{', '.join(dims)}]")
    return f"{', '.join(taken)} -> {', '.join(ports.outputs)}"
