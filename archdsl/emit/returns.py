"""What the network returns: a tensor, a list, or a named tuple of its outputs."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.emit.classes import LevelClass
from archdsl.emit.code import Apply, Code, Keyword, layout
from archdsl.emit.levels import Ref
from archdsl.emit.names import Namespace
from archdsl.emit.views import ClassView, FunctionView
from archdsl.graph.model import Graph, Output
from archdsl.records import record


@record
class Field:
    """One output: its name, and its tensors as places among all that leave."""

    name: str
    places: tuple[int, ...]
    output: Output


class Returns:
    """The end of the network's forward. `fields` is empty where no named tuple is needed."""

    def __init__(self, graph: Graph, root: LevelClass) -> None:
        self.name = ""
        names = Namespace(["count", "index"])
        at = 0
        every: list[Field] = []
        for output in graph.outputs:
            places = tuple(range(at, at + len(output.tensors)))
            at += len(output.tensors)
            name = output.name.lstrip("_") or "output"
            every.append(Field(names.claim(name, f"{name}_"), places, output))
        self._root = root
        self.every = sorted(every, key=lambda field: field.output.training)
        self.evaluated = [field for field in every if not field.output.training]
        self.fields = self.every if len(every) > 1 else []
        self._alone = (
            self.evaluated[0] if len(self.evaluated) == 1 and not self.evaluated[0].output.bundle else None
        )
        self._wishes: dict[Ref, str] = {}
        for field in every:
            for number, place in enumerate(field.places, 1):
                name = field.name if not field.output.bundle else f"{field.name}{number}"
                self._wishes.setdefault(root.outputs[place], name)

    @property
    def bare(self) -> list[int]:
        """Places of what is returned as it is."""
        return [] if self._alone is None else list(self._alone.places)

    @property
    def listed(self) -> list[int]:
        """Places of what stands in a list that is returned in training only."""
        lists = [field for field in self.every if field.output.bundle and field.output.training]
        return [place for field in lists for place in field.places]

    def wish(self, ref: Ref) -> str | None:
        """What an output's tensor may be called."""
        return self._wishes.get(ref)

    @property
    def annotation(self) -> str:
        """The type that forward returns."""
        single = "list[Tensor]" if self.every[0].output.bundle else "Tensor"
        if not self.fields:
            return single
        return f"{single} | {self.name}" if len(self.evaluated) == 1 else self.name

    @property
    def guarded(self) -> bool:
        """Whether the named tuple is returned in training only."""
        return bool(self.fields) and len(self.evaluated) == 1

    def statements(self, variables: Sequence[str], inside: bool = False) -> list[str]:
        """The return, given the variables of all that leaves; `inside` a block that runs in training only."""

        guarded = len(self.evaluated) == 1

        def value(field: Field) -> str:
            names = [variables[place] for place in field.places]
            alone = field.output.training and not guarded
            if not field.output.bundle:  # what is computed in training alone is None by itself
                alone = alone and not field.output.tensors[0].node.training
            text = f"[{', '.join(names)}]" if field.output.bundle else names[0]
            return text + " if self.training else None" * alone

        if not self.fields:
            return layout(Code(value(self.every[0])), 8, "return ")
        values = [value(field) for field in self.fields]
        named = list(zip(self.fields, values, strict=True))
        plain = all(field.name == text for field, text in named)  # all by position, or all by name
        args = [Code(text) if plain else Keyword(field.name, Code(text)) for field, text in named]
        every = Apply(self.name, tuple(args))
        if not guarded:
            return layout(every, 8, "return ")
        return [
            *([] if inside else ["        if self.training:"]),
            *layout(every, 12, "return "),
            *layout(Code(value(self.evaluated[0])), 8, "return "),
        ]

    def view(self) -> ClassView:
        """The named tuple."""
        lines = []
        for field in self.fields:
            kind = "list[Tensor]" if field.output.bundle else "Tensor"
            lines.append(f"    {field.name}: {kind}{' | None = None' if field.output.training else ''}")
        name = self._root.name
        doc = f"What {name} returns" + (" in training." if len(self.evaluated) == 1 else ".")
        return ClassView(
            self.name,
            (f"class {self.name}(NamedTuple):",),
            (f'    """{doc}"""',),
            (FunctionView(tuple(lines)),),
        )
