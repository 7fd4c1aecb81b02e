"""Where a tensor comes from: which line made its shape what it is, and in which calls of blocks.

Nothing is kept for this. A graph under construction has the place, the inputs and the scope of every node.
"""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.diagnostics import Label
from archdsl.elaborate.session import Session
from archdsl.graph.model import ModuleKind, Scope, Tensor
from archdsl.layers import Aspect, Shape
from archdsl.source import Span

#: Lines of a story: the first and the last ones.
MOST_STEPS = 8
#: Characters of an element in a message.
MOST_TEXT = 60


def _states(tensor: Tensor, aspect: Aspect) -> bool:
    """Whether a layer says what leaves it: then it made the shape, though it was so before."""
    layer = tensor.node.layer
    stated = ("size",) if aspect is Aspect.SIZES else ("channels", "features")
    return layer is not None and any(name in layer.params for name in stated)


def brief(text: str) -> str:
    """An element of the text in one line, shortened."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_TEXT else line[: MOST_TEXT - 1] + "…"


class Origins:
    """Tells of tensors to someone who reads the text at `place`, in the call whose scope is `scope`."""

    def __init__(self, scope: Scope, place: Span, session: Session) -> None:
        self.place = place
        self.session = session
        #: the text that the mistake is said to lie in: of one in the library, the caller's
        self.home = place.source
        self._around: set[Scope] = set()
        around: Scope | None = scope
        while around is not None:
            self._around.add(around)
            if self.home in session.library:
                self.home = around.span.source
            around = around.parent

    def before(self, tensor: Tensor, aspect: Aspect) -> Tensor | None:
        """What a layer made the tensor of: of several, the first that is alike, else the largest."""
        inputs = tensor.node.inputs
        self.session.walks -= 1 + len(inputs)
        if not inputs or self.session.walks < 0:
            return None
        here = aspect.of(tensor.shape)
        alike = next((t for t in inputs if aspect.of(t.shape) == here), None)
        return max(inputs, key=lambda t: t.shape.numel) if alike is None else alike

    def maker(self, tensor: Tensor, aspect: Aspect = Aspect.SHAPE) -> Tensor:
        """The tensor of the layer that made the shape what it is; those behind it left it alone."""
        key = (tensor, aspect)
        known = self.session.makers.get(key)
        if known is None:
            here = aspect.of(tensor.shape)
            prior = self.before(tensor, aspect)
            while prior is not None and aspect.of(prior.shape) == here and not _states(tensor, aspect):
                tensor, prior = prior, self.before(prior, aspect)
            known = self.session.makers[key] = tensor
        return known

    def history(self, tensor: Tensor, aspect: Aspect = Aspect.SHAPE) -> list[Tensor]:
        """The tensors whose layers changed the shape on the way to it, from the input on."""
        found = [self.maker(tensor, aspect)]
        while (prior := self.before(found[-1], aspect)) is not None:
            step = self.maker(prior, aspect)
            if aspect.of(step.shape) == aspect.of(found[-1].shape):
                found[-1] = step
            else:
                found.append(step)
        return found[::-1]

    def calls(self, tensor: Tensor) -> list[Scope]:
        """The calls of blocks in which a tensor was made and the fault is not, the innermost first."""
        found: list[Scope] = []
        scope: Scope | None = tensor.node.scope
        while scope is not None and scope not in self._around:
            if scope.module.kind is ModuleKind.BLOCK:
                found.append(scope)
            scope = scope.parent
        return found

    def seen(self, tensor: Tensor) -> Span:
        """The element that gave the tensor, in the text that led to the fault: perhaps a whole call of a block."""
        calls = self.calls(tensor)
        return calls[-1].span if calls else tensor.span

    def at(self, span: Span) -> str:
        """`at line 9`, and in another file `at std/resnet.arch:9:3`."""
        return f"at line {span.line}" if span.source is self.home else f"at {span}"

    def told(self, tensor: Tensor) -> str:
        """`conv(64, 7, stride=2)` at line 8, in `stem(64)` at line 14."""
        node = tensor.node
        what = f"the input `{node.input}`" if node.layer is None else f"`{brief(tensor.span.text)}`"
        text = f"{what} {self.at(tensor.span)}"
        calls = self.calls(tensor)
        if calls:
            inner, outer = calls[0], calls[-1]
            text += f", in `{brief(inner.span.text)}` {self.at(inner.span)}"
            if inner is not outer:
                text += f", in `{brief(outer.span.text)}` {self.at(outer.span)}"
        return text

    def label(self, tensor: Tensor, branch: Span | None) -> Span:
        """Where a tensor is to be seen: the element that made its shape, within the branch that gives it."""
        span = self.seen(self.maker(tensor))
        if branch is None:
            elsewhere = span == self.place or span.source is not self.place.source
            return self.seen(tensor) if elsewhere else span
        inside = span.source is branch.source and branch.start <= span.start < branch.end
        return span if inside else branch

    def comes(self, tensor: Tensor, label: Span, aspect: Aspect) -> tuple[str, ...]:
        """A note that says which line made the shape, where no label says it."""
        origin = self.maker(tensor, aspect)
        if origin.span == label:
            return ()
        shape = tensor.shape
        what = f"{shape} comes"
        if aspect is Aspect.CHANNELS:
            one = shape.channels == 1
            what = f"the {shape.channels} {'feature' if shape.tokens else 'channel'}{' comes' if one else 's come'}"
        elif aspect is Aspect.SIZES:
            what = f"the size {Shape(shape.spatial).brief()} comes"
        return (f"{what} from {self.told(origin)}",)

    def story(self, tensor: Tensor, head: str, aspect: Aspect = Aspect.SHAPE) -> tuple[str, ...]:
        """A note with the shapes on the way, each with the layer that made it."""
        steps = self.history(tensor, aspect)
        if len(steps) < 3:  # a label shows the one, and whence it comes
            return ()
        shown: Sequence[Tensor | None] = steps
        if len(steps) > MOST_STEPS:
            shown = [steps[0], None, *steps[-MOST_STEPS + 2 :]]
        shapes = ["…" if t is None else str(t.shape) for t in shown]
        width = max(map(len, shapes))
        lines = [
            f"{shape:<{width}}  {'' if t is None else self.told(t)}".rstrip()
            for shape, t in zip(shapes, shown, strict=True)
        ]
        return ("\n".join([f"{head}:", *lines]),)


def labels_of(places: Sequence[Span], texts: Sequence[str]) -> tuple[Label, ...]:
    """Labels; several at one place become one."""
    found: dict[Span, list[str]] = {}
    for place, text in zip(places, texts, strict=True):
        found.setdefault(place, []).append(text)
    return tuple(Label(place, "; ".join(dict.fromkeys(said))) for place, said in found.items())
