"""The module becomes a program of torch.export: evaluation, named ports, nothing of the machine that made it."""

from __future__ import annotations

import functools
import keyword
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram
from torch.export.graph_signature import TensorArgument
from torch.fx.experimental.symbolic_shapes import is_concrete_int

from archdsl.api import Architecture
from archdsl.checkpoints import MARK
from archdsl.export.faults import ExportError, guarded
from archdsl.export.ports import BATCH, Ports
from archdsl.verify.running import arriving, plain_attention, tensors

#: Traced with so many samples: 0 and 1 are special to torch.export.
_SAMPLES = 2
#: Names that the code of a graph has for itself.
_TAKEN = frozenset(("torch", "self", "device", "inf", "nan", "pytree", "fx_pytree", "NoneType"))
#: What a node says of the source it comes from, which need not lie where the program runs.
_ORIGINS = ("stack_trace", "from_node", "source_fn_stack")


def trace(arch: Architecture, net: nn.Module, ports: Ports) -> ExportedProgram:
    """A program with one tensor as its result, or several in a dict by their names.

    Weights that only training needs are taken out of `net`. Raises ExportError.
    """
    if hasattr(net, "load_trained"):  # of a rewritten module only the mark is for no runtime
        net._buffers.pop(MARK, None)
    else:
        _leave_training_out(arch, net)
    arrived = arriving(list(ports.inputs.values()), _SAMPLES, "cpu", torch.float32)
    batch = Dim(BATCH)
    shapes = tuple({axis: batch if axis == 0 else Dim.AUTO for axis in free} for free in ports.free.values())
    whole, net.forward = net.forward, _named(net, ports.outputs)
    try:
        with guarded(f"`{arch.model}` cannot be exported"), torch.no_grad(), plain_attention():
            program = torch.export.export(net.eval(), tuple(arrived), dynamic_shapes=shapes)
    finally:
        net.forward = whole
    _check_free(program, ports)
    _forget_origins(program.graph_module, type(net).__module__, arch.model)
    _name_ports(program, ports)
    return program


def _leave_training_out(arch: Architecture, net: nn.Module) -> None:
    """Take out the weights that no output in evaluation needs: a program would carry them along."""
    waiting: dict[str, bool] = {}
    for _, data in arch.graph.nodes(data=True):
        if (path := data["module"]) is not None:
            waiting[path] = waiting.get(path, True) and (data["training"] or data["idle"])
    modules = dict(net.named_modules())
    for path in (path for path, only in waiting.items() if only):
        if path in modules:
            for part in modules[path].modules():
                part._parameters.clear()
                part._buffers.clear()


def _named(net: nn.Module, outputs: tuple[str, ...]) -> Any:
    """The module's forward with plain results: no class of the generated file, and no tensor twice."""
    forward = net.forward

    @functools.wraps(forward)
    def named(*arrived: Tensor) -> Tensor | dict[str, Tensor]:
        seen = {id(tensor) for tensor in arrived}
        found = []
        for tensor in tensors(forward(*arrived)):
            found.append(tensor.clone() if id(tensor) in seen else tensor)
            seen.add(id(tensor))
        return found[0] if len(found) == 1 else dict(zip(outputs, found, strict=True))

    return named


def _check_free(program: ExportedProgram, ports: Ports) -> None:
    """Raises ExportError where a size that is to vary came out fixed."""
    for name, node in zip(ports.inputs, _placeholders(program), strict=True):
        for axis, size in ports.free[name].items():
            found = node.meta["val"].shape[axis]
            if is_concrete_int(found):
                raise ExportError(
                    f"the network takes no other {size.removeprefix(f'{name}_')} of `{name}` than {found}",
                    help="leave it out of `--dynamic`; `--input` chooses the size that the program has",
                )


def sizes_of(program: ExportedProgram, ports: Ports) -> dict[str, str]:
    """For each symbol of the program that is the size of a free axis, the name of that size."""
    found: dict[str, str] = {}
    for name, node in zip(ports.inputs, _placeholders(program), strict=True):
        for axis, size in ports.free[name].items():
            found.setdefault(str(node.meta["val"].shape[axis]), size)
    return found


def _placeholders(program: ExportedProgram) -> list[torch.fx.Node]:
    """The nodes of what a user gives."""
    wanted = program.graph_signature.user_inputs
    nodes = {node.name: node for node in program.graph.nodes if node.op == "placeholder"}
    return [nodes[str(name)] for name in wanted]


def _forget_origins(module: torch.fx.GraphModule, package: str, model: str) -> None:
    """Take out where the source lay; classes are named as in the module that `compile` writes."""
    for part in module.modules():
        if not isinstance(part, torch.fx.GraphModule):
            continue
        for node in part.graph.nodes:
            for key in _ORIGINS:
                node.meta.pop(key, None)
            stack = node.meta.get("nn_module_stack")
            if stack:
                node.meta["nn_module_stack"] = {
                    key: (path, _renamed(kind, package, model)) for key, (path, kind) in stack.items()
                }


def _renamed(kind: Any, package: str, model: str) -> Any:
    if isinstance(kind, str) and kind.startswith(f"{package}."):
        return model + kind.removeprefix(package)
    return kind


def _name_ports(program: ExportedProgram, ports: Ports) -> None:
    """Let the nodes of what comes in and what leaves have the names of the text, as far as Python allows."""
    signature = program.graph_signature
    nodes = {node.name: node for node in program.graph.nodes}
    wishes: dict[str, str] = {}
    for old, name in [
        *zip(signature.user_inputs, ports.inputs, strict=True),
        *zip(signature.user_outputs, ports.outputs, strict=True),
    ]:
        if not keyword.iskeyword(name) and name not in _TAKEN and name not in wishes.values():
            wishes.setdefault(str(old), name)
    moved = dict(wishes)
    used = {*nodes, *wishes.values()}
    for name in wishes.values():
        if name in nodes and name not in wishes:  # a node that is neither has the name by chance
            fresh = name
            while fresh in used:
                fresh += "_"
            used.add(fresh)
            moved[name] = fresh
    for old, name in moved.items():
        nodes[old].name = name
        if nodes[old].op == "placeholder":
            nodes[old].target = name
    arguments = [spec.arg for spec in (*signature.input_specs, *signature.output_specs)]
    for entry in program.module_call_graph:
        if entry.signature is not None:
            arguments += [*entry.signature.inputs, *entry.signature.outputs]
    for argument in {id(argument): argument for argument in arguments}.values():
        if isinstance(argument, TensorArgument) and argument.name in moved:
            argument.name = moved[argument.name]
    program.graph_module.recompile()
