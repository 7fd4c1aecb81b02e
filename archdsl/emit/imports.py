"""The imports of a generated file: those of the names that it uses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from archdsl.emit.integrations import Integration, imported
from archdsl.emit.packages import in_order

_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_IDENTIFIER = re.compile(r"(?<![.\w])[A-Za-z_][A-Za-z0-9_]*", re.ASCII)  # attributes are none

#: Names of the standard library by their module; `hashlib`, `math` and what is of PyTorch stand for themselves.
_STANDARD = {
    "collections": ("OrderedDict",),
    "collections.abc": ("Callable", "Collection", "Iterable", "Iterator", "Mapping", "Sequence"),
    "contextlib": ("nullcontext",),
    "functools": ("partial", "wraps"),
    "typing": ("Any", "ClassVar", "NamedTuple", "Self"),
}


def imports(
    texts: Iterable[str], packages: Sequence[str], wanted: Sequence[Integration]
) -> tuple[tuple[str, ...], ...]:
    """Blocks of imports: `packages`, and those for the names that the texts use, strings and docstrings apart."""
    used = _used(texts)
    standard = [f"import {name}" for name in ("hashlib", "math") if name in used]
    for module, names in _STANDARD.items():
        found = [name for name in names if name in used]
        standard += [f"from {module} import {', '.join(found)}"] if found else []
    third = [
        line
        for line, name in (("import torch", "torch"), ("import torch.nn.functional as F", "F"))
        if name in used
    ]
    third = in_order([*third, *(line for line in packages if line not in standard)])
    for library in wanted:
        third += imported(library.module, [name for name in library.imported if name in used])
    third.append(f"from torch import {'Tensor, ' if 'Tensor' in used else ''}nn")
    return tuple(tuple(block) for block in (standard, third) if block)


def _used(texts: Iterable[str]) -> set[str]:
    used: set[str] = set()
    for text in texts:
        for line in text.split("\n"):
            code = line.split("  # ")[0]
            if not code.lstrip().startswith('"""'):
                used.update(_IDENTIFIER.findall(_STRING.sub("", code)))
    return used
