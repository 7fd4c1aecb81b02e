"""What classes are called: for the block or the label that they stand for."""

from __future__ import annotations

from collections import Counter

from archdsl.emit.classes import LevelClass, group_name, identity
from archdsl.emit.names import Namespace, class_name
from archdsl.graph.model import ModuleKind


def name_classes(classes: list[LevelClass], namespace: Namespace) -> None:
    """Give the classes their names: the block's or the label's.

    Of a block's variants the one that most instances have has the name of the block, others are called by what they
    have more or less, or have a number. A label keeps its number where a class stands for that label alone.
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
                other.name = namespace.claim(*wishes, base)


def _label(found: LevelClass) -> str:
    """The label that a class stands for, if it is one of words."""
    modules = [draft.level.module for draft in found.drafts]
    labels = {module.stem for module in modules}
    group = modules[0].kind is ModuleKind.GROUP
    (label,) = labels if group and len(labels) == 1 else {""}
    return "" if label.isdigit() else label


def _parts(found: LevelClass) -> Counter[str]:
    """What a class is made of, by label or kind, in any of its instances."""
    parts: Counter[str] = Counter()
    for draft in found.drafts:
        children = draft.level.module.children
        parts |= Counter(
            child.label.rstrip("0123456789_") or child.stem if child.label else child.stem
            for child in children
        )
    return parts
