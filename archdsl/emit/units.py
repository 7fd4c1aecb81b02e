"""The blocks that a network repeats: what is computed again to save memory, and what learns at one rate."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from archdsl.emit.classes import LevelClass
from archdsl.emit.code import Bracket, Code, Py, flat
from archdsl.graph.model import Graph, Module, ModuleKind
from archdsl.records import record

_NUMBER = re.compile(r"(?<![A-Za-z0-9_])[0-9]+|[0-9]+")
#: What timm takes for "in the group before".
_BEFORE = 99999
#: A pattern stands in one line.
_LONGEST = 70


@record
class Units:
    """The classes of the repeated blocks, and the paths of these in the order of the text."""

    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


def units(root: LevelClass, classes: Sequence[LevelClass]) -> Units:
    """The outermost blocks of which there are several: those with branches, else those that are chains."""
    owner = {draft.level.module: found for found in classes for draft in found.drafts}
    for branched in (True, False):
        found: list[Module] = []
        stack = list(reversed(root.module.children))
        while stack:
            module = stack.pop()
            class_ = owner.get(module)
            several = class_ is not None and len(class_.drafts) > 1 and module.kind is ModuleKind.BLOCK
            if class_ is not None and several and branched == (class_.template.base != "Sequential"):
                found.append(module)
            else:
                stack.extend(reversed(module.children))
        if found:
            names = dict.fromkeys(owner[module].name for module in found)
            return Units(tuple(names), tuple(module.path for module in found))
    return Units()


@record
class Order:
    """Patterns of parameters by depth: of those before the blocks, and for the blocks with what lies between."""

    before: tuple[str, ...]
    inside: tuple[str, ...]
    between: tuple[str, ...]

    @property
    def stem(self) -> Py:
        """One pattern, of what has weights before the first block."""
        heads = {path.rpartition(".")[0] for path in self.before}
        shared = f"{heads.pop()}." if len(heads) == 1 and "" not in heads else ""
        names = "|".join(re.escape(path.removeprefix(shared)) for path in self.before)
        return Code(f'r"^{re.escape(shared)}(?:{names})\\."')

    def blocks(self, fine: bool) -> Py:
        """Pairs of a pattern and of what is added to its numbers; the first number alone if it is not `fine`."""
        pairs = [(_pattern(text, fine), "None") for text in self.inside]
        pairs += [(_pattern(text, fine), f"({_BEFORE},)" if fine else "None") for text in self.between]
        members = (Bracket((Code(pattern), Code(more)), "()") for pattern, more in dict.fromkeys(pairs))
        return Bracket(tuple(members))


def order_of(paths: Sequence[str], graph: Graph) -> Order | None:
    """The patterns of some blocks; None where the numbers in their names tell no order, or too much is before."""
    if not paths:
        return None
    above = {path[:i] for path in paths for i, letter in enumerate(path) if letter == "."}
    found: dict[str, None] = {}
    for node in graph.nodes:
        if node.module is not None and node.module.weights and not node.training:
            found.setdefault(_unit(node.module, above))
    order = list(found)
    inside = [i for i, path in enumerate(order) if path in set(paths)]
    if not inside:
        return None
    within = order[inside[0] : inside[-1] + 1]
    known = set(paths)
    keys = [(*map(int, _NUMBER.findall(path)), *([] if path in known else [_BEFORE])) for path in within]
    if keys != sorted(keys) or any(
        len(key) < 1 + (path not in known) for key, path in zip(keys, within, strict=True)
    ):
        return None
    between = dict.fromkeys(_NUMBER.sub("0", path) for path in within if path not in known)
    patterns = dict.fromkeys(_NUMBER.sub("0", path) for path in within if path in known)
    told = Order(tuple(order[: inside[0]]), tuple(patterns), tuple(between))
    return told if not told.before or len(flat(told.stem)) <= _LONGEST else None


def _unit(module: Module, above: set[str]) -> str:
    """The path of the outermost module around one that holds none of the blocks."""
    while module.parent is not None and module.parent.path and module.parent.path not in above:
        module = module.parent
    return module.path


def _pattern(text: str, fine: bool) -> str:
    """A path, with zeros for its numbers, as a literal of a regular expression."""
    parts = re.escape(text).split("0")
    if fine:
        return f'r"^{"([0-9]+)".join(parts)}\\."'
    return f'r"^{parts[0]}([0-9]+){"[0-9]+".join(parts[1:])}\\."'


def no_weight_decay(graph: Graph) -> list[str]:
    """Bare parameters of several axes, such as embeddings of positions, by path."""
    found: Counter[str] = Counter()
    for node in graph.nodes:
        if node.module is not None and node.layer is not None and node.layer.is_parameter:
            if any(
                len([n for n in shape if n > 1]) > 1 or len(shape) > 1
                for shape in node.module.weights.values()
            ):
                found[node.module.path] += 1
    return list(found)
