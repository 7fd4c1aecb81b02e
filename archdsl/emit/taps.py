"""What a network of images is as a backbone: its resolutions, its first convolution, its pool and its classifier."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from archdsl.graph.model import Graph, Node, Scope, Tensor
from archdsl.layers.form import ModuleForm
from archdsl.layers.pooling import AdaptiveAvgPool, AdaptiveMaxPool, GlobalAvgPool, GlobalMaxPool
from archdsl.layers.regularisation import Dropout
from archdsl.records import record


@record
class Tap:
    """The last tensor of one resolution: its channels, how many times smaller it is than the input, and the path of
    the outermost module that gives it."""

    channels: int
    reduction: int
    path: str


class Backbone:
    """Looks at the network in evaluation. Its only input is an image `[C, H, W]`."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.nodes = [node for node in graph.nodes if not node.training and not node.idle]
        self.outputs = [
            tensor for output in graph.outputs if not output.training for tensor in output.tensors
        ]
        self._readers: dict[Tensor, list[Node]] = {}
        for node in self.nodes:
            for tensor in node.inputs:
                self._readers.setdefault(tensor, []).append(node)
        every = [node for node in graph.nodes if not node.idle]
        self._calls = Counter(node.module for node in every)
        self._all_readers = Counter(tensor for node in every for tensor in node.inputs)
        self._left: dict[Tensor, list[Scope]] = {}
        self._leaving: Counter[Scope] = Counter()
        self._leave()
        self.pooled = self._pooled()

    # --- resolutions ---------------------------------------------------------------------------------------------

    def taps(self) -> list[Tap]:
        """The resolutions from the largest to the smallest, each before what is made of it at the next.

        So of a network that goes down and up again these are the ones on the way down. Of the tensors of a resolution
        it is the last that an outermost module gives.
        """
        reductions = self._reductions()
        made: dict[int, list[tuple[int, bool, int, Tap]]] = {}
        for i, node in enumerate(self.nodes):
            for tensor in node.outputs:
                reduction = reductions.get(tensor)
                path = self._path(tensor) if reduction is not None else ""
                if reduction is not None and reduction.denominator == 1 and path:
                    head = tensor in self.outputs and _weighted(
                        node, "Conv2d"
                    )  # what it predicts is no feature
                    tap = Tap(tensor.shape.channels, int(reduction), path)
                    made.setdefault(tap.reduction, []).append((path.count("."), head, -i, tap))
        found: list[Tap] = []
        end = len(self.nodes)
        for _, taps in sorted(made.items(), reverse=True):
            before = [tap for tap in taps if -tap[2] < end]
            if before:
                best = min(before, key=lambda tap: tap[:3])
                found.insert(0, best[3])
                end = -best[2]
        return found

    def _reductions(self) -> dict[Tensor, Fraction]:
        """How many times smaller the maps are than the input, as far as no pool over everything has made them."""
        found: dict[Tensor, Fraction] = {}
        for tensor in self._graph.inputs.values():
            found[tensor] = Fraction(1)
        for node in self.nodes:
            for tensor in node.outputs:
                if tensor in self.pooled or not is_map(tensor):
                    continue
                sources = [t for t in node.inputs if t in found]
                same = [t for t in sources if _size(t) == _size(tensor)]
                if same:
                    found[tensor] = found[same[0]]
                elif sources:
                    found[tensor] = found[sources[0]] * _shrunk(sources[0], tensor)
        return found

    def _pooled(self) -> set[Tensor]:
        """Tensors that come from a global pool alone, or one to a size of its own."""
        found: set[Tensor] = set()
        for node in self.nodes:
            if not node.inputs:
                continue
            own = isinstance(node.layer, (AdaptiveAvgPool, AdaptiveMaxPool))
            for tensor in node.outputs:
                one = is_map(tensor) and _size(tensor) == (1, 1)
                flat = len(tensor.shape.dims) == 1
                if own or one or flat or all(source in found for source in node.inputs):
                    found.add(tensor)
        return found

    def _path(self, tensor: Tensor) -> str:
        """The outermost module that gives this tensor alone; "" where none does."""
        node = tensor.node
        found = node.module if len(node.outputs) == 1 and self._calls[node.module] == 1 else None
        for scope in self._left[tensor]:
            if self._leaving[scope] > 1 or len(scope.module.scopes) > 1:
                break
            found = scope.module
        return found.path if found is not None else ""

    def _leave(self) -> None:
        """For each tensor the calls that it leaves, innermost first, and for each call how many leave it."""
        chains: dict[Scope, list[Scope]] = {}

        def chain(scope: Scope) -> list[Scope]:
            if scope not in chains:
                above = [] if scope.parent is None else chain(scope.parent)
                chains[scope] = [*above, scope]
            return chains[scope]

        outputs = set(self.outputs)
        for node in self.nodes:
            around = chain(node.scope)
            for tensor in node.outputs:
                shared = 1 if tensor in outputs else len(around)
                for reader in self._readers.get(tensor, ()):
                    other = chain(reader.scope)
                    common = 1
                    while common < min(shared, len(other)) and other[common] is around[common]:
                        common += 1
                    shared = min(shared, common)
                self._left[tensor] = around[: shared - 1 : -1] if shared else []
                self._leaving.update(self._left[tensor])

    # --- ends ----------------------------------------------------------------------------------------------------

    @property
    def image(self) -> Tensor:
        """The input."""
        return next(iter(self._graph.inputs.values()))

    def first_conv(self) -> Node | None:
        """The convolution that alone takes the image, where its groups are one."""
        readers = self._readers.get(self.image, [])
        return readers[0] if len(readers) == 1 and _weighted(readers[0], "Conv2d") else None

    def classifiers(self) -> list[Node]:
        """The layers that make numbers for classes: that of the only output, and those of outputs in training.

        None where the output has places, or is not what one layer makes.
        """
        if len(self.outputs) != 1:
            return []
        found = [self._classifier(self.outputs[0])]
        classes = self.outputs[0].shape.channels
        for output in self._graph.outputs:
            if output.training:
                found += [self._classifier(t) for t in output.tensors if t.shape.channels == classes]
        return [node for node in found if node is not None] if all(found) else []

    def _classifier(self, tensor: Tensor) -> Node | None:
        """The layer with weights that a tensor comes from, through what keeps the number of features."""
        if len(tensor.shape.dims) != 1:
            return None
        classes = tensor.shape.channels
        readers = 0
        while not _weighted(tensor.node, "Linear", "Conv2d"):
            node = tensor.node
            plain = len(node.inputs) == len(node.outputs) == 1
            if not plain or (node.module is not None and node.module.weights):
                return None
            tensor = node.inputs[0]
            if tensor.shape.channels != classes or self._all_readers[tensor] > 1:
                return None
            readers = 1
        alone = self._all_readers[tensor] == readers
        return tensor.node if alone and self._calls[tensor.node.module] == 1 else None

    def features(self) -> Tensor | None:
        """The last tensor with places, all of which comes before what is pooled: where the network may be cut."""
        last = {tensor: i for i, node in enumerate(self.nodes) for tensor in node.inputs}
        closing: dict[int, list[Tensor]] = {}
        for tensor, i in last.items():
            closing.setdefault(i, []).append(tensor)
        found = None
        waiting: set[Tensor] = set()  # made, and read later
        for i, node in enumerate(self.nodes):
            waiting.difference_update(closing.get(i, ()))
            waiting.update(tensor for tensor in node.outputs if tensor in last)
            alone = len(waiting) == 1 and node.layer is not None
            if alone and waiting.issubset(node.outputs) and not waiting & self.pooled:
                (found,) = waiting
        return found

    def pool(self, features: Tensor) -> Node | None:
        """The global pool that alone takes the features."""
        readers = self._readers.get(features, [])
        if len(readers) != 1 or not isinstance(readers[0].layer, (GlobalAvgPool, GlobalMaxPool)):
            return None
        return readers[0]

    def dropouts(self, features: Tensor | None, classifier: Node | None) -> list[str]:
        """The paths of the dropouts of single values between the features and the classifier, each once."""
        if features is None or classifier is None:
            return []
        head = self.nodes[self.nodes.index(features.node) + 1 : self.nodes.index(classifier)]
        modules = [node.module for node in head if isinstance(node.layer, Dropout)]
        return list(dict.fromkeys(module.path for module in modules if module is not None))


def is_map(tensor: Tensor) -> bool:
    return not tensor.shape.tokens and len(tensor.shape.dims) == 3


def _size(tensor: Tensor) -> tuple[int, ...]:
    return tuple(int(size) for size in tensor.shape.dims[1:])


def _shrunk(before: Tensor, after: Tensor) -> Fraction:
    """By how much a layer makes a map smaller, to the nearest whole number, or larger."""
    was, now = max(_size(before)), max(_size(after))
    return Fraction(max(1, round(was / now))) if was >= now else Fraction(1, max(1, round(now / was)))


def _weighted(node: Node, *kinds: str) -> bool:
    """Whether a node is a layer with weights of PyTorch's kinds, without groups."""
    if node.module is None or node.layer is None:
        return False
    form = node.layer.form(tuple(t.shape for t in node.inputs), tuple(t.shape for t in node.outputs))
    if not isinstance(form, ModuleForm) or not form.call.function.endswith(kinds):
        return False
    return not form.call.function.startswith("nn.Lazy") and "groups" not in dict(form.call.kwargs)
