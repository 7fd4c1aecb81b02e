"""What is said of every text: its mistakes are reported, each at a place of it; or all that is made of it holds."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time

from archdsl.api import ArchError, Architecture, Options, Spec
from archdsl.diagnostics import Diagnostic, as_json, concise, github, sarif, text
from archdsl.diagnostics.codes import CODES
from archdsl.graph.model import Graph, ModuleKind
from archdsl.layers import Extern
from archdsl.limits import Limits
from archdsl.resources.pages import page
from archdsl.source import Source, Span

#: Of the processor, for all that is asked of a text.
SECONDS = 10
#: Smaller than what the commands allow, so that a big number costs no time here.
OPTIONS = Options(limits=Limits(nodes=20_000))
RENDERERS = (text, concise, as_json, github)
PAGES = {code: page(code) for code in CODES}
#: PyTorch counts bytes with 64 bits: what is near that for one sample is not run with three.
BATCH, MOST_VALUES = 3, 2**58


def holds(span: Span) -> bool:
    return 0 <= span.start <= span.end <= len(span.source.text)


def well_placed(found: list[Diagnostic]) -> None:
    """Every place that is named lies in its text."""
    for diagnostic in found:
        assert diagnostic.message
        assert holds(diagnostic.span), diagnostic
        assert all(holds(label.span) for label in diagnostic.labels), diagnostic


def rendered(found: list[Diagnostic]) -> list[str]:
    """In every form that there is."""
    forms = [renderer.render_all(found) for renderer in RENDERERS]
    forms.append(sarif.render_all(found, PAGES))
    for form in forms:
        assert isinstance(form, str)
        assert "Traceback" not in form
    return forms


def opened(content: str, path: str = "<text>", options: Options = OPTIONS) -> Spec:
    return Spec(Source(path, content), None if path.startswith("<") else Path(path), options)


def told(spec: Spec, models: int = 1) -> list[Diagnostic]:
    """What `check` finds in the first models; asking for a model says the same of it."""
    chosen: list[str | None] = [*spec.models[:models]] or [None]
    everything: list[Diagnostic] = []
    for model in chosen:
        found = spec.check(model)
        well_placed(found)
        everything += found
        try:
            architecture = spec.architecture(model)
        except ArchError as error:
            assert any(d.is_error for d in error.diagnostics)
            assert str(error)
            well_placed(error.diagnostics)
            if model is not None:
                assert any(d.is_error for d in found), "what `check` accepts, a command refuses"
        else:
            assert not any(d.is_error for d in found), "what `check` refuses, a command accepts"
            well_formed(architecture._graph)
    return everything


def hold(path: str, content: str, options: Options = OPTIONS, models: int = 1) -> list[Diagnostic]:
    """A text is diagnosed in bounded time, the same way each time."""
    begin = process_time()
    found = told(opened(content, path, options), models)
    forms = rendered(found)
    took = process_time() - begin
    assert took < SECONDS, f"{took:.1f} s"
    again = opened(content, path, options)
    second = [d for model in [*again.models[:models]] or [None] for d in again.check(model)]
    assert rendered(second) == forms, "not the same the second time"
    return found


def well_formed(graph: Graph) -> None:
    """What every stage behind the elaborator relies on."""
    made = set()
    for node in graph.nodes:
        assert all(id(tensor) in made for tensor in node.inputs), "a tensor is used before it is made"
        made |= {id(tensor) for tensor in node.outputs}
        assert all(tensor.node is node and tensor.index == i for i, tensor in enumerate(node.outputs))
        assert all(size >= 1 for tensor in node.outputs for size in tensor.shape.dims)
        assert node in node.scope.items
        if node.layer is None:
            assert graph.inputs[node.input] is node.outputs[0]
        else:
            assert node.layer.is_module == (node.module is not None)
            leaving = node.layer.outputs(tuple(tensor.shape for tensor in node.inputs))
            assert leaving == tuple(tensor.shape for tensor in node.outputs)
    assert [node.id for node in graph.nodes] == sorted({node.id for node in graph.nodes})
    for output in graph.outputs:
        assert output.tensors and all(id(tensor) in made for tensor in output.tensors)
        assert output.bundle or len(output.tensors) == 1
    levels, paths = [graph.root], set()
    while levels:
        module = levels.pop()
        assert module.path not in paths, f"two modules are {module.path}"
        paths.add(module.path)
        for child in module.children:
            assert child.parent is module and child.name
            assert child.path == (f"{module.path}.{child.name}" if module.path else child.name)
        assert module.kind is not ModuleKind.LAYER or not module.children
        levels += module.children


def made(architecture: Architecture) -> dict[str, str]:
    """All that is made of a network without PyTorch. The module is Python, the summary JSON."""
    source = architecture.source()
    compile(source, "<generated>", "exec")
    return {
        "module": source,
        "dot": architecture.dot().source,
        "summary": json.dumps(architecture.summary(), allow_nan=False),
    }


def runs(architecture: Architecture, source: str) -> bool:
    """The module gives the stated shapes and has the stated cost, on the meta device; False if it is not run.

    It is not where an extern block brings in other code, or PyTorch could not count the bytes of a batch.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from tests.emit.generated import build, expected_state

    graph = architecture._graph
    shapes = [tensor.shape.numel for node in graph.nodes for tensor in node.outputs]
    for node in graph.nodes:
        if isinstance(node.layer, Extern):
            return False
        if node.layer is not None:
            inside = node.layer.inside(tuple(t.shape for t in node.inputs))
            shapes += [_product(dims) for dims in inside]
    if max(shapes) > MOST_VALUES or architecture.params > MOST_VALUES:
        return False
    with torch.device("meta"), torch.no_grad():
        net = build(source)
        state = {key: tuple(value.shape) for key, value in net.state_dict().items()}
        assert state == expected_state(graph)
        assert sum(p.numel() for p in net.parameters()) == architecture.params
        given = [torch.empty(BATCH, *sizes) for sizes in architecture.inputs.values()]
        for training in (True, False):
            net.train(training)
            with FlopCounterMode(display=False) as counter:
                result = net(*given)
            outputs = sorted(graph.outputs, key=lambda output: output.training)
            there = [output for output in outputs if training or not output.training]
            values = list(result)[: len(there)] if hasattr(result, "_fields") else [result]
            assert len(there) == len(values)
            for output, value in zip(there, values, strict=True):
                tensors = value if output.bundle else [value]
                assert [tuple(t.shape) for t in tensors] == [(BATCH, *t.shape.dims) for t in output.tensors]
        assert counter.get_total_flops() == 2 * BATCH * architecture.macs
    return True


def _product(dims: tuple[int, ...]) -> int:
    product = 1
    for size in dims:
        product *= size
    return product


def hold_all(content: str, path: str = "<text>", options: Options = OPTIONS, models: int = 2) -> int:
    """What `check` accepts is written, drawn, summed up and runs. How many models that were."""
    hold(path, content, options, models)
    spec, again = opened(content, path, options), opened(content, path, options)
    done = 0
    for model in spec.models[:models]:
        try:
            architecture = spec.architecture(model)
        except ArchError:
            continue
        results = made(architecture)
        assert results == made(again.architecture(model)), "not the same bytes the second time"
        runs(architecture, results["module"])
        done += 1
    return done
