"""What classes are called: for the block or the label that they stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from archdsl.emit.classes import LevelClass, group_name, identity
from archdsl.emit.names import Namespace, class_name
from archdsl.graph.model import Module, ModuleKind


def name_classes(classes: list[LevelClass], namespace: Namespace) -> None:
    """Give the classes their names: the block's or the label's.

    Of a block's variants the one that most instances have has the name of the block. Others are called by the part that
    they have more or less, by a number of the text that tells all of them apart (`MaskDepth2`), by two such parts, or
    have a number. A label keeps its number where a class stands for that label alone.
    """
    families: dict[object, list[LevelClass]] = {}
    for found in classes:
        families.setdefault(identity(found.module), []).append(found)
    for family in families.values():
        module = family[0].module
        base = class_name(module.definition.name) if module.definition else group_name(module)
        labels = Counter(map(_label, family))
        alone = [found for found in family if labels[_label(found)] == 1 and _label(found)]
        for found in alone:
            name = class_name(_label(found))
            found.name = namespace.claim(name, f"{name}Part")
        others = [found for found in family if not found.name]
        plain = min(others, key=lambda c: (-len(c.drafts), sum(_parts(c).values())), default=None)
        if plain is None:
            continue
        plain.name = namespace.claim(base, f"{base}Block")
        told = _told_apart(family)
        for other in others:
            if other is not plain:
                more, less = (
                    list(dict.fromkeys((one - two).elements()))
                    for one, two in ((_parts(other), _parts(plain)), (_parts(plain), _parts(other)))
                )
                wishes = [
                    f"{base}{word}{'And'.join(map(class_name, parts))}"
                    for word, parts in (("With", more), ("Without", less))
                    if 0 < len(parts) <= 2
                ]
                if told is not None:
                    short = len(wishes) > 0 and len(more or less) == 1
                    wishes.insert(int(short), f"{base}{class_name(told)}{_given(other, told)}")
                other.name = namespace.claim(*wishes, base)


def _told_apart(family: Sequence[LevelClass]) -> str | None:
    """A parameter of the text that is a count, another one in each class of a block."""
    home = _home(family[0].module)
    if len(family) < 2 or home.definition is None or home.definition.is_network:
        return None
    for name in home.definition.parameters:
        values = [_given(found, name) for found in family]
        if None not in values and len(set(values)) == len(family):
            return name
    return None


def _given(found: LevelClass, name: str) -> int | None:
    """What a parameter is in all instances of a class, if it is a small number."""
    values = {repr(_home(draft.level.module).arguments.get(name)) for draft in found.drafts}
    value = _home(found.module).arguments.get(name)
    return value if len(values) == 1 and type(value) is int and 0 <= value < 100 else None


def _home(module: Module) -> Module:
    """The instance of a block, or the network, that a module is part of."""
    while module.definition is None and module.parent is not None:
        module = module.parent
    return module


def _label(found: LevelClass) -> str:
    """The label that a class stands for, if it is one of words."""
    modules = [draft.level.module for draft in found.drafts]
    labels = {module.stem for module in modules}
    group = modules[0].kind is ModuleKind.GROUP
    (label,) = labels if group and len(labels) == 1 else {""}
    return "" if label.isdigit() else label


def _parts(found: LevelClass) -> Counter[str]:
    """What a class is made of, by label or kind, in any of its instances; what arrives beside the first."""
    parts: Counter[str] = Counter(name for name in found.arguments[1:] if name and not name[-1].isdigit())
    for draft in found.drafts:
        children = draft.level.module.children
        parts |= Counter(
            child.label.rstrip("0123456789_") or child.stem if child.label else child.stem
            for child in children
            if not child.stem.isdigit()
        )
    return parts
