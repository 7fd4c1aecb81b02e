"""A model of a spec, elaborated and checked, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archdsl.build import build_module, check_importable
from archdsl.diagnostics import Diagnostic
from archdsl.graph.model import Graph
from archdsl.graph.plan import Explained, Plan, Told
from archdsl.limits import Limits
from archdsl.memory import growing
from archdsl.version import __version__

if TYPE_CHECKING:
    import graphviz
    import networkx
    import torch


class Architecture:
    """One model, elaborated and checked."""

    def __init__(
        self,
        graph: Graph,
        diagnostics: list[Diagnostic],
        source_name: str,
        limits: Limits,
        again: Callable[[dict[str, tuple[int, ...]]], Architecture],
        files: tuple[Path, ...] = (),
    ) -> None:
        self._graph = graph
        self._limits = limits
        self._again = again
        self._last: tuple[Plan, Graph, list[Told]] | None = None
        self.warnings = [d for d in diagnostics if not d.is_error]
        self.source_name = source_name
        self.files = files

    def __repr__(self) -> str:
        more = dict.fromkeys(self.uncounted, " + ?")
        params, macs = f"{self.params:,}{more.get('params', '')}", f"{self.macs:,}{more.get('macs', '')}"
        return f"<Architecture {self.model} of {self.source_name}: {params} parameters, {macs} MACs>"

    @property
    def model(self) -> str:
        return self._graph.model

    @cached_property
    def graph(self) -> networkx.MultiDiGraph[int]:
        """The network as a NetworkX graph; archdsl.graph.view documents its attributes."""
        from archdsl.graph.view import to_networkx

        return to_networkx(self._graph)

    def __len__(self) -> int:
        """Layers at work: the nodes of the graph, inputs apart."""
        return len(self._graph.nodes) - len(self._graph.inputs)

    @property
    def inputs(self) -> dict[str, list[int]]:
        """Shapes by name, channels first, without the batch."""
        return {name: list(tensor.shape.dims) for name, tensor in self._graph.inputs.items()}

    @property
    def outputs(self) -> dict[str, Any]:
        """Shapes by name; of a bundle, a list of shapes. Training-only outputs are among them."""
        return {
            output.name: [list(t.shape.dims) for t in output.tensors]
            if output.bundle
            else list(output.tensors[0].shape.dims)
            for output in self._graph.outputs
        }

    @cached_property
    def _costs(self) -> Any:
        from archdsl.analysis.costs import count

        return count(self._graph)

    @property
    def params(self) -> int:
        """Trained weights, shared ones once, training-only branches included."""
        return int(self._costs.params)

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one sample in evaluation."""
        return int(self._costs.macs)

    @property
    def activations(self) -> int:
        """Elements of all layers' outputs for one sample in evaluation."""
        return int(self._costs.activations)

    @property
    def uncounted(self) -> dict[str, list[str]]:
        """For `params` and `macs`, names of the extern blocks that do not state them and count as 0 there."""
        return {figure: list(names) for figure, names in self._costs.uncounted.items()}

    def with_inputs(self, **inputs: tuple[int, ...]) -> Architecture:
        """The same model for other input shapes, channels first and without the batch. Raises ArchError."""
        return self._again(inputs)

    def summary(self) -> dict[str, Any]:
        """The object that `archdsl summary --format json` prints."""
        from archdsl.analysis.summary import summarize

        return summarize(self._graph, __version__)

    def diff(self, other: Architecture) -> dict[str, Any]:
        """What changed from this network to another: the object that `archdsl diff --format json` prints."""
        from archdsl.diff import as_dict, compare

        return as_dict(compare(self._graph, other._graph), __version__)

    def rewritten(self, plan: Plan) -> tuple[Graph, list[Told]]:
        """The network as the passes of a plan rewrite it, and what came of each. Raises PlanError, a ValueError."""
        from archdsl.graph.copies import copied
        from archdsl.passes import rewrite

        if self._last is None or self._last[0] != plan:
            with growing():
                graph = copied(self._graph)
            self._last = (plan, graph, rewrite(graph, plan))
        return self._last[1:]

    def explained(self, plan: Plan) -> Explained:
        """What the passes of a plan do to the network, and what it saves. Raises PlanError, a ValueError."""
        from archdsl.passes.costs import spent
        from archdsl.passes.keeping import kept_bytes

        graph, told = self.rewritten(plan)
        kept = None
        if plan.purpose == "training" and plan.target != "compile":
            kept = kept_bytes(self._graph), kept_bytes(graph)
        return Explained(self.source_name, self.model, plan, spent(self._graph), spent(graph), told, kept)

    def source(
        self, *, plan: Plan | None = None, with_: Collection[str] = (), templates: str | Path | None = None
    ) -> str:
        """The generated Python, as `archdsl compile` writes it.

        `plan` is what it is compiled for; without one it is the network as it is written.

        `with_` are libraries that it is to fit: `"hf"` and `"timm"`. `templates` is a folder of templates that take
        the place of archdsl's. Raises ArchError (E708, E810), and ValueError for another library.
        """
        from archdsl.emit import Library, emit_module

        graph = self._graph if plan is None else self.rewritten(plan)[0]
        return emit_module(graph, __version__, with_, Library(None if templates is None else Path(templates)))

    def dot(self) -> graphviz.Digraph:
        """The diagram, as `archdsl draw` renders it."""
        from archdsl.draw import digraph

        return digraph(self._graph, limits=self._limits)

    def _repr_html_(self) -> str:
        """The diagram and the summary, for a notebook. It needs no Graphviz: without, the diagram is an outline."""
        from archdsl.api.notebook import shown

        return shown(self._graph, self._costs, self._limits)

    def build(self, plan: Plan | None = None) -> torch.nn.Module:
        """The network as a torch module, freshly initialised, made from the generated source. Imports torch.

        With a plan for inference its weights come from `load_trained` with the `state_dict()` of one without.
        It imports the classes of extern blocks too. Raises ArchError where one cannot be imported.
        """
        check_importable(self._graph)
        return build_module(self.source(plan=plan), self.model)
