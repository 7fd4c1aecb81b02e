"""A program as an ONNX model: its bytes, and beside it the weights of one that is larger than a file may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import onnx
import onnx_ir as ir
import torch
from torch.export import ExportedProgram

from archdsl.export.faults import ExportError, guarded
from archdsl.export.ports import Ports
from archdsl.export.trace import sizes_of
from archdsl.marks import mark_data
from archdsl.records import record
from archdsl.version import __version__

#: A message of Protocol Buffers is at most 2 GiB; what is not weights has to fit too.
LARGEST = 2**31 - 2**26
#: Weights begin at multiples of this in a file of their own, so that they can be mapped into memory.
_PAGE = 4096
#: Smaller tensors stay in the model.
SMALL = 1024

_SCOPES = "pkg.torch.onnx.name_scopes"


@record
class OnnxModel:
    """The model; `data` are the weights that lie in a file of their own, piece by piece, or None."""

    proto: onnx.ModelProto
    data: tuple[bytes, ...] | None

    @property
    def opset(self) -> int:
        return next(int(entry.version) for entry in self.proto.opset_import if not entry.domain)


def to_onnx(
    program: ExportedProgram,
    ports: Ports,
    model: str,
    doc: str,
    metadata: Mapping[str, str],
    opset: int | None,
    data_name: str,
) -> OnnxModel:
    """The program in ONNX. `data_name` is the file of the weights, should they need one. Raises ExportError."""
    with guarded(f"`{model}` has no form in ONNX"):
        made = torch.onnx.export(
            program,
            (),
            dynamo=True,
            input_names=list(ports.inputs),
            output_names=list(ports.outputs),
            opset_version=opset,
            verbose=False,
        )
        assert made is not None
        graph = made.model.graph
        found = made.model.opset_imports[""]
        if opset is not None and found != opset:
            last = onnx.defs.onnx_opset_version()
            told = f"it is written in opsets {found} to {last}"
            if found <= opset <= last:
                told = f"PyTorch writes it in opset {found}"
            raise ExportError(f"`{model}` has no form in opset {opset}", help=told, wrong=True)
        _name(made.model, {*ports.inputs, *ports.outputs})
        _call_sizes(made.model, sizes_of(program, ports))
        _forget(made.model)
        graph.name, graph.doc_string = model, doc or None
        made.model.producer_name, made.model.producer_version = "archdsl", __version__
        made.model.doc_string = None
        made.model.metadata_props.update(metadata)
        data = _put_outside(graph, data_name) if _weight(graph) > LARGEST else None
        return OnnxModel(ir.to_proto(made.model), data)


def _forget(model: ir.Model) -> None:
    """Take out what the exporter notes for itself: types of Python, traces of the source."""
    model.metadata_props.clear()
    model.graph.metadata_props.clear()
    for value in (*model.graph.inputs, *model.graph.initializers.values()):
        value.metadata_props.clear()
        value.doc_string = None
    for node in ir.traversal.RecursiveGraphIterator(model.graph):
        node.metadata_props.clear()
        node.doc_string = None
        for value in node.outputs:
            value.metadata_props.clear()
            value.doc_string = None
    for function in model.functions.values():
        function.metadata_props.clear()


def _name(model: ir.Model, ports: set[str]) -> None:
    """Nodes are called by the path of their module and what they do, `/features/conv0/Conv`, and values by them."""
    graph = model.graph
    names = _Names(ports)
    for value in list(graph.initializers.values()):
        name = names.claim(str(value.name))
        if name != value.name:
            del graph.initializers[str(value.name)]
            value.name = name
            graph.initializers[name] = value
    kept = {id(value) for value in (*graph.inputs, *graph.outputs)}
    for node in ir.traversal.RecursiveGraphIterator(graph):
        node.name = names.claim("/".join(["", *_path(node), node.op_type]))
        for number, value in enumerate(node.outputs):
            if id(value) not in kept and value.name:
                value.name = names.claim(f"{node.name}_output_{number}")


def _path(node: ir.Node) -> list[str]:
    """The module that the node comes from."""
    names = re.findall(r"'([^']*)'", node.metadata_props.get(_SCOPES, ""))
    return names[-2].split(".") if len(names) > 1 and names[-2] else []


class _Names:
    """Names that are given once each."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = {}

    def claim(self, wish: str) -> str:
        name = wish
        while name in self._taken:
            self._counts[wish] = self._counts.get(wish, 0) + 1
            name = f"{wish}_{self._counts[wish]}"
        self._taken.add(name)
        return name


def _call_sizes(model: ir.Model, sizes: Mapping[str, str]) -> None:
    """Sizes that vary have the names of their axes, and what follows from them is told in these."""
    if not sizes:
        return
    symbol = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sizes))})(?!\w)")

    def called(value: ir.Value) -> None:
        if value.shape is None:
            return
        dims: list[Any] = [
            symbol.sub(lambda found: sizes[found[1]], str(dim.value))
            if isinstance(dim, ir.SymbolicDim) and dim.value is not None
            else dim
            for dim in value.shape
        ]
        value.shape = ir.Shape(dims)

    for value in model.graph.inputs:
        called(value)
    for node in ir.traversal.RecursiveGraphIterator(model.graph):
        for value in node.outputs:
            called(value)


def _weight(graph: ir.Graph) -> int:
    return sum(value.const_value.nbytes for value in _weights(graph))


def _weights(graph: ir.Graph) -> Iterator[Any]:
    for value in graph.initializers.values():
        if value.const_value is not None:
            yield value


def _put_outside(graph: ir.Graph, name: str) -> tuple[bytes, ...]:
    """Let the weights lie in a file of their own; gives its pieces. They are in the order of the model."""
    pieces = [mark_data(_PAGE)]
    at = _PAGE
    for value in _weights(graph):
        tensor = value.const_value
        if tensor.nbytes < SMALL:
            continue
        data = tensor.tobytes()
        value.const_value = ir.ExternalTensor(
            name, at, len(data), tensor.dtype, shape=tensor.shape, name=str(value.name)
        )
        pieces.append(data)
        rest = -len(data) % _PAGE
        pieces.append(bytes(rest))
        at += len(data) + rest
    return tuple(pieces)
