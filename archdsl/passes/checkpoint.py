"""Blocks that are computed again in the backward pass, by choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from archdsl.diagnostics.near import did_you_mean
from archdsl.graph.model import Module, ModuleKind, Node, Scope
from archdsl.graph.plan import Plan, PlanError
from archdsl.passes.done import Done
from archdsl.passes.keeping import kept, saved
from archdsl.passes.reading import modules
from archdsl.passes.rewriting import Rewriting


def checkpoint(work: Rewriting, plan: Plan) -> list[Done]:
    """Store no more of the blocks that the plan names than what they take (Chen et al., 2016).

    Law: what a block computes follows from what it takes, its weights and the state of the random numbers.

    A block is named by its definition, its path, its label, or a pattern of one of them. Raises PlanError where none
    is.
    """
    every = list(modules(work.graph.root))
    chosen: dict[Module, None] = {}
    for word in plan.checkpoint:
        chosen.update(dict.fromkeys(_named(word, every, work.graph.model)))
    before = kept(work.graph)
    changes: list[tuple[str, str, list[Node]]] = []
    for module in every:
        if module in chosen:
            module.checkpointed = True
            nodes = [node for scope in module.scopes for node in _nodes(scope)]
            changes.append((module.path, "computed again in the backward pass", nodes))
    return saved(before, work.graph, plan, changes)


def _named(word: str, every: Sequence[Module], model: str) -> list[Module]:
    """The modules of blocks that a word names."""
    found = [module for module in every if any(fnmatchcase(name, word) for name in _names(module))]
    blocks = [module for module in found if module.kind not in (ModuleKind.LAYER, ModuleKind.NETWORK)]
    if blocks:
        return blocks
    known = [
        name for m in every if m.kind not in (ModuleKind.LAYER, ModuleKind.NETWORK) for name in _names(m)
    ]
    help = did_you_mean(word, list(dict.fromkeys(known)))
    if word == model or any(module.kind is ModuleKind.NETWORK for module in found):
        message = f"`{word}` is the whole network, of which nothing is left to store"
        raise PlanError(message, "`--checkpoint` names blocks in it")
    if found:
        raise PlanError(f"`{word}` is a single layer, and no block", help)
    raise PlanError(f"there is no block `{word}`", help or "`archdsl summary` lists the paths of blocks")


def _names(module: Module) -> Iterator[str]:
    """What a module may be called by."""
    if module.definition is not None:
        yield module.definition.name
    if module.path:
        yield module.path
    if module.label is not None:
        yield module.label


def _nodes(scope: Scope) -> Iterator[Node]:
    """The layers of a call, those of calls inside it too."""
    for item in scope.items:
        if isinstance(item, Scope):
            yield from _nodes(item)
        else:
            yield item
