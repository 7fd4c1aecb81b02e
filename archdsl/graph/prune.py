"""Leave out what reaches no output, and mark what only training needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archdsl.diagnostics.core import Diagnostic
from archdsl.graph.model import Graph, Module, ModuleKind, Node, Scope, Tensor
from archdsl.source import Span

_HELP = (
    "use it or remove it; if the flow was to go on from it: an assignment such as `g = in -> gate` moves the "
    "flow to `g`, and what should pass `g` by begins with the name of a tensor"
)


def prune(graph: Graph) -> list[Diagnostic]:
    """Remove nodes that reach no output, then scopes and modules without nodes; set `Node.training`.

    What is judged is a place of the text, reached through the same calls: where a loop or a repetition makes several
    copies and some of them reach an output, all stay, so that the copies are alike (the last of WaveNet's residual
    convolutions, say); those that reach none themselves are `Node.idle`. The calls of a shared module keep the same
    parts too: what one of them needs stays in each that is needed at all. Inputs always stay. Gives a W001 for each
    dead piece, at the results that nothing else takes.
    """
    copies = _copies(graph)
    alive = _reach((t for output in graph.outputs for t in output.tensors), copies)
    evaluated = _reach((t for output in graph.outputs if not output.training for t in output.tensors), copies)
    needed = _reach((t for output in graph.outputs for t in output.tensors), {})
    warnings = _warnings(graph, alive)
    for node in graph.nodes:
        if node.layer is None:  # the inputs are the signature of the network
            alive.add(node)
            evaluated.add(node)
            needed.add(node)
    graph.nodes = [node for node in graph.nodes if node in alive]
    for number, node in enumerate(graph.nodes):
        node.id = number
        node.training = node not in evaluated
        node.idle = node not in needed
    _clean(graph, alive)
    return warnings


def computing(nodes: Iterable[Node]) -> set[Module]:
    """Modules that compute something, or call what does (a group around a shared layer), with all levels around."""
    found: set[Module] = set()
    scopes: set[Scope] = set()
    for node in nodes:
        begun = [node.module]
        scope: Scope | None = node.scope
        while scope is not None and scope not in scopes:
            scopes.add(scope)
            begun.append(scope.module)
            scope = scope.parent
        for module in begun:
            while module is not None and module not in found:
                found.add(module)
                module = module.parent
    return found


def clean(graph: Graph) -> None:
    """Leave out scopes without nodes and modules that compute nothing, after nodes were taken out of a graph."""
    alive: set[Node | Scope] = set(graph.nodes)
    for node in graph.nodes:
        scope: Scope | None = node.scope
        while scope is not None and scope not in alive:
            alive.add(scope)
            scope = scope.parent
    _clean(graph, alive)


def _copies(graph: Graph) -> dict[Node, list[Node]]:
    """For each node, all nodes of the same place in the text, reached through the same calls."""
    chains: dict[Scope, int] = {}
    numbers: dict[tuple[int, str, int, int], int] = {}
    groups: dict[tuple[int, str, int, int], list[Node]] = {}
    found: dict[Node, list[Node]] = {}

    def key(chain: int, span: Span) -> tuple[int, str, int, int]:
        return chain, span.source.name, span.start, span.end

    for node in graph.nodes:
        waiting: list[Scope] = []
        scope: Scope | None = node.scope
        while scope is not None and scope not in chains:
            waiting.append(scope)
            scope = scope.parent
        for scope in reversed(waiting):
            above = -1 if scope.parent is None else chains[scope.parent]
            chains[scope] = numbers.setdefault(key(above, scope.span), len(numbers))
        group = groups.setdefault(key(chains[node.scope], node.span), [])
        group.append(node)
        found[node] = group
    return found


def _reach(tensors: Iterable[Tensor], copies: Mapping[Node, Sequence[Node]]) -> set[Node | Scope]:
    """Nodes that the tensors come from, the copies of these, counterparts in shared modules, the scopes around."""
    reached: set[Node | Scope] = set()
    spread: set[int] = set()  # groups of copies that are reached
    place: dict[Node | Scope, int] = {}  # of items in the scopes of shared modules
    wanted: dict[Module, set[int]] = {}  # positions that some call of a shared module needs
    calls: dict[Module, list[Scope]] = {}  # its calls that are needed
    work: list[Node | Scope] = [t.node for t in tensors]
    while work:
        item = work.pop()
        if item in reached:
            continue
        reached.add(item)
        scope = item.scope if isinstance(item, Node) else item.parent
        if isinstance(item, Node):
            work.extend(t.node for t in item.inputs)
            group = copies.get(item, ())
            if len(group) > 1 and id(group) not in spread:
                spread.add(id(group))
                work.extend(group)
        elif len(item.module.scopes) > 1:
            place.update((inner, at) for at, inner in enumerate(item.items))
            calls.setdefault(item.module, []).append(item)
            work.extend(item.items[at] for at in wanted.get(item.module, ()) if at < len(item.items))
        if scope is None:
            continue
        work.append(scope)
        if len(scope.module.scopes) > 1:
            if item not in place:  # the first of its scope to be reached
                place.update((inner, at) for at, inner in enumerate(scope.items))
            at = place[item]
            positions = wanted.setdefault(scope.module, set())
            if at not in positions:
                positions.add(at)
                work.extend(s.items[at] for s in calls.get(scope.module, ()) if at < len(s.items))
    return reached


def _warnings(graph: Graph, alive: set[Node | Scope]) -> list[Diagnostic]:
    """One for each dead result that nothing takes, at the outermost call that is dead as a whole."""
    taken = {t.node for node in graph.nodes for t in node.inputs}
    taken.update(t.node for output in graph.outputs for t in output.tensors)
    found: dict[tuple[str, int, int], Diagnostic] = {}
    for node in graph.nodes:
        if node in alive or node in taken:
            continue
        span, what = node.span, _name(node)
        scope = node.scope
        while scope not in alive and scope.parent is not None:
            if scope.module.kind is not ModuleKind.REPEAT:
                span, what = scope.span, f"the result of `{scope.module.label or scope.module.stem}`"
            scope = scope.parent
        named = node.layer is None or any(tensor.names for tensor in node.outputs)
        mend = "use it or remove it" if named else _HELP
        rest = "" if node.layer is None else " and is left out"
        warning = Diagnostic("W001", f"{what} reaches no output{rest}", span, help=mend)
        found.setdefault((span.source.name, span.start, span.end), warning)
    return list(found.values())


def _name(node: Node) -> str:
    names = [name for tensor in node.outputs for name in tensor.names[-1:]]
    if node.layer is None:
        return f"the input `{node.input}`"
    return f"`{names[-1]}`" if names else f"the result of `{node.label or node.operation}`"


def _clean(graph: Graph, alive: set[Node | Scope]) -> None:
    """Remove dead items from scopes, empty scopes from modules, and modules that compute nothing."""
    kept = computing(graph.nodes)
    kept.add(graph.root)
    alive.add(graph.scope)
    for node in graph.nodes:  # the scopes around inputs
        scope: Scope | None = node.scope
        while scope is not None and scope not in alive:
            alive.add(scope)
            scope = scope.parent
    levels = [graph.root]
    while levels:
        level = levels.pop()
        level.scopes = [scope for scope in level.scopes if scope in alive]
        for scope in level.scopes:
            scope.items = [item for item in scope.items if item in alive]
        level.children = [child for child in level.children if child in kept]
        levels.extend(level.children)
