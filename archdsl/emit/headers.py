"""What stands at the top of a generated file: where it comes from, what it is, what it costs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from archdsl.analysis.costs import Costs, count
from archdsl.emit.folding import is_rewritten
from archdsl.emit.packages import packages
from archdsl.emit.sizes import size_rule
from archdsl.graph.model import Graph, Output
from archdsl.graph.plan import Plan
from archdsl.marks import MARK


def header(graph: Graph, version: str, more: Sequence[str] = (), arguments: Collection[str] = ()) -> str:
    """The text of the file's docstring.

    `more` are packages that it needs beside those of extern blocks, `arguments` the parameters that may vary.
    """
    costs = count(graph)
    doc = graph.doc.strip()
    about = [f"model {graph.model}", *(f"{name}={value}" for name, value in graph.overrides.items())]
    lines = [doc, ""] if doc else []
    if graph.plan is not None:
        about.append(str(graph.plan))
    lines.append(f"{MARK} {version} from {graph.source_name} ({', '.join(about)}).")
    lines.append("")
    if graph.plan is not None:
        lines += [_purpose(graph, graph.plan), ""]
    for title, varies in (("Compiled for", False), ("By default", True)):
        told = [f"{n}={value}" for n, value in graph.parameters.items() if (n in arguments) is varies]
        lines += [f"{title}: {', '.join(told)}"] if told else []
    inputs = "; ".join(_inputs(graph))
    lines.append(f"Input: {inputs}" if len(graph.inputs) == 1 else f"Inputs: {inputs}")
    outputs = ", ".join(map(_output, graph.outputs))
    lines.append(f"Output: {outputs}" if len(graph.outputs) == 1 else f"Outputs: {outputs}")
    before = graph.rewritten if is_rewritten(graph) else None
    for title, figure in (("Parameters", "params"), ("Multiply-accumulates", "macs")):
        own, as_written = getattr(costs, figure), ""
        if before is not None:
            written = getattr(before, figure)
            as_written = f", {written:,} as written" if written != own else ", as written"
        lines.append(f"{title}: {own:,}{as_written}{_without(costs, figure)}")
    needed = dict.fromkeys(["torch", *(module.partition(".")[0] for module in packages(graph)), *more])
    if len(needed) > 1:
        lines.append(f"Needs: {', '.join(needed)}")
    return "\n".join(lines)


_RUNS = {
    "eager": "by PyTorch as it is",
    "compile": "by `torch.compile`, which compiles it on the first call",
    "cuda-graph": "as CUDA graphs, which it records for each shape of what arrives",
}
_KEEPS = {
    "inference": "It computes what the network as it is written computes in evaluation. Its weights are its own: "
    "`load_trained` makes them from that network's.",
    "training": "It computes what the network as it is written computes, keeps less for the backward pass, and "
    "has the same weights.",
}


def _purpose(graph: Graph, plan: Plan) -> str:
    """What a rewritten module is for, what it has in common with the network as written, and what was done."""
    passes = graph.rewritten.passes if graph.rewritten is not None else ()
    done = f" Passes: {', '.join(passes)}." if passes else ""
    run = f", to be run {_RUNS[plan.target]}" if plan.purpose == "inference" else ""
    return f"Rewritten for {plan.purpose}{run}. {_KEEPS[plan.purpose]}{done}"


def _inputs(graph: Graph) -> Iterator[str]:
    """The inputs with their shapes, and whether their sizes may vary; that once for all that are alike."""
    varies = size_rule(graph)
    for name, tensor in graph.inputs.items():
        rule = varies(tensor)
        yield f"{name} {list(tensor.shape.dims)}" + (f", {rule}" if rule else "")


def _without(costs: Costs, figure: str) -> str:
    """What a figure leaves out."""
    names = costs.uncounted.get(figure, ())
    return f", without those of {', '.join(names)}" if names else ""


def _output(output: Output) -> str:
    shapes = ", ".join(str(list(tensor.shape.dims)) for tensor in output.tensors)
    text = f"{output.name} [{shapes}]" if output.bundle else f"{output.name} {shapes}"
    return f"{text} in training" if output.training else text
