"""The network cut in two: what makes its features, and what makes its output of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from archdsl.emit.classes import LevelClass
from archdsl.emit.code import Apply, Code, layout
from archdsl.emit.forward import Forward
from archdsl.emit.levels import ARGUMENT, Ref
from archdsl.emit.rows import StepRow
from archdsl.emit.shapes import ShapeNotes
from archdsl.emit.wording import Wording
from archdsl.graph.model import Node, Tensor

_FEATURES = '"""The last tensor with places: what the pool and the classifier are given."""'
_HEAD = '"""What the network makes of its features."""'
_LOGITS = '"""What the network makes of its features, or what its classifier is given."""'


class Halves:
    """Prints `forward_features` and `forward_head` of the network's class."""

    def __init__(self, root: LevelClass, wording: Wording, notes: ShapeNotes, taken: Iterable[str]) -> None:
        self._root = root
        self._wording = wording
        self._notes = notes
        self._taken = list(taken)

    def methods(self, features: Tensor, classifier: Node) -> Iterator[list[str]]:
        """Both; none where the cut lies inside of a child."""
        found = (
            self._chain(features)
            if self._root.template.base == "Sequential"
            else self._steps(features, classifier)
        )
        yield from found

    def _chain(self, features: Tensor) -> Iterator[list[str]]:
        """Of a network that is an `nn.Sequential`."""
        steps = self._root.drafts[0].level.steps
        cut = next((i for i, step in enumerate(steps, 1) if step.results[0][-1] is features), None)
        if cut is None or cut == len(steps):
            return
        for name, told, part in (("features", _FEATURES, f"[:{cut}]"), ("head", _HEAD, f"[{cut}:]")):
            yield [
                f"    def forward_{name}(self, x: Tensor) -> Tensor:",
                f"        {told}",
                f"        for module in list(self){part}:",
                "            x = module(x)",
                "        return x",
            ]

    def _steps(self, features: Tensor, classifier: Node) -> Iterator[list[str]]:
        steps, end = self._evaluated()
        cut = _made(steps, features)
        if cut is None or end is None or cut == end:
            return
        yield self._method("features", _FEATURES, list(self._root.arguments), [(steps[: cut[0] + 1], [cut])])
        rest = _from(steps, cut[0] + 1)
        output = (len(rest) - 1, end[1])
        at = next((i for i, step in enumerate(rest) if step.step.module is classifier.module), None)
        if at is None or rest[at].loop:
            yield self._method("head", _HEAD, ["x"], [(rest, [output])])
            return
        before, behind = (rest[:at], [rest[at].inputs[0]]), (_from(rest, at), [(output[0] - at, output[1])])
        yield self._method("head", _LOGITS, ["x"], [before, behind])

    def _evaluated(self) -> tuple[list[StepRow], Ref | None]:
        """The steps that the output needs, and its place."""
        root = self._root
        ends = [
            ref
            for ref, (_, training) in zip(root.outputs, root.template.outputs, strict=True)
            if not training
        ]
        if len(ends) != 1:
            return [], None
        needed: set[int] = set()
        stack = [ends[0][0]]
        while stack:
            i = stack.pop()
            if i != ARGUMENT and i not in needed:
                needed.add(i)
                stack.extend(ref[0] for ref in root.steps[i].inputs)
        order = sorted(needed)
        place = {i: at for at, i in enumerate(order)} | {ARGUMENT: ARGUMENT}
        steps = [
            replace(root.steps[i], inputs=tuple((place[j], k) for j, k in root.steps[i].inputs))
            for i in order
        ]
        return steps, (place[ends[0][0]], ends[0][1])

    def _method(
        self, name: str, told: str, arguments: list[str], parts: Sequence[tuple[list[StepRow], list[Ref]]]
    ) -> list[str]:
        """A method of one part, or of two with a way out between them."""
        logits = len(parts) > 1
        lines: list[str] = []
        for number, (steps, outputs) in enumerate(parts):
            last = number == len(parts) - 1
            found = replace(self._root, steps=steps, outputs=outputs, arguments=arguments)
            forward = Forward(
                found, self._wording, self._notes, self._taken, lambda ref: None, [0] if last else []
            )
            body = forward.body()
            if number == 0:
                signature = forward.signature("Tensor")
                if logits:
                    given = signature[0][signature[0].index("(") + 1 :].partition(")")[0].split(", ")
                    parameters = tuple(map(Code, [*given, "pre_logits: bool = False"]))
                    signature = layout(Apply(f"def forward_{name}", parameters), 4, after=" -> Tensor:")
                else:
                    signature[0] = signature[0].replace("def forward(", f"def forward_{name}(", 1)
                lines += [*signature, f"        {told}"]
            lines += body
            arguments = forward.outputs()
            if not last:
                lines += ["        if pre_logits:", f"            return {arguments[0]}"]
            elif not forward.returned:
                lines.append(f"        return {arguments[0]}")
        return lines


def _made(steps: Sequence[StepRow], tensor: Tensor) -> Ref | None:
    for i, step in enumerate(steps):
        for k, tensors in enumerate(step.gives):
            if tensors and tensors[0] and tensors[0][-1] is tensor:
                return i, k
    return None


def _from(steps: Sequence[StepRow], start: int) -> list[StepRow]:
    """The steps from one on; what is made before it is what arrives."""

    def moved(ref: Ref) -> Ref:
        return (ARGUMENT, 0) if ref[0] < start else (ref[0] - start, ref[1])

    return [replace(step, inputs=tuple(map(moved, step.inputs))) for step in steps[start:]]
