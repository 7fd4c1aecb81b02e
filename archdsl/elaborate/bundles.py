"""Bundles that do not fit what they reach: too many tensors, too few, none."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.diagnostics import Label
from archdsl.elaborate.faults import Fault
from archdsl.graph.model import Tensor
from archdsl.layers import LayerError
from archdsl.layers.axes import count
from archdsl.layers.join import Concat
from archdsl.source import Span
from archdsl.syntax import ast

#: Members that get a label.
MOST_MEMBERS = 6
_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def no_flow(span: Span, names: Sequence[str], below: ast.InputStatement | None = None) -> Fault:
    """No tensor arrives, in a network of several inputs of these names, or of one that stands `below`."""
    if below is not None:
        return Fault(
            "E412",
            "no tensor arrives: the input stands below",
            span,
            labels=(Label(below.span, "the flow begins here"),),
            help="move the `input` before it",
        )
    first = names[0] if names else "image"
    both = " | ".join(names[:3]) if len(names) > 1 else "a | b"
    return Fault(
        "E412",
        "no tensor arrives: the flow has not begun",
        span,
        help=f"a network of several inputs begins with one, `{first} -> …`, or with a bundle, `( {both} ) -> …`",
    )


def member_labels(bundle: Sequence[Tensor], places: Sequence[Span]) -> tuple[Label, ...]:
    """A label for each of the first members, with its shape."""
    if len(bundle) == 1:
        return (Label(places[0], f"this gives {bundle[0].shape}"),)
    pairs = zip(bundle[:MOST_MEMBERS], places, strict=False)
    return tuple(Label(place, f"member {i}: {tensor.shape}") for i, (tensor, place) in enumerate(pairs, 1))


def several(bundle: Sequence[Tensor], what: str, span: Span, places: Sequence[Span], forked: bool) -> Fault:
    """Several tensors where one is taken. `forked`: the branches of a fork made them."""
    number = _WORDS.get(len(bundle), str(len(bundle)))
    nodes = {tensor.node for tensor in bundle}
    listed = not forked and len(nodes) == len(bundle)
    return Fault(
        "E403",
        f"{number} tensors reach {what}, which takes one",
        span,
        labels=member_labels(bundle, places),
        notes=("`+` and `[ ]` put tensors side by side in a bundle; `add` sums them",) if listed else (),
        help=_joining(bundle),
    )


def _joining(bundle: Sequence[Tensor]) -> str:
    """The joins that take such members."""
    first = bundle[0].shape
    choose = "a statement may begin with one, `it[0] -> …`"
    if all(tensor.shape == first for tensor in bundle):
        return f"join them with `concat` or `add`, or choose: {choose}"
    try:
        Concat({}).outputs(tuple(tensor.shape for tensor in bundle))
    except LayerError:
        return f"bring them to one shape and join them with `concat` or `add`, or choose: {choose}"
    return f"join them with `concat` (`add` wants equal shapes), or choose: {choose}"


def none(what: str, span: Span, made: Span | None) -> Fault:
    """No tensor where one is taken. `made` is the fork without branches."""
    return Fault("E404", f"no tensor reaches {what}", span, labels=from_nothing(made), help=_some(made))


def from_nothing(made: Span | None) -> tuple[Label, ...]:
    return () if made is None else (Label(made, "this gives no tensor: there is nothing to run through"),)


def _some(made: Span | None) -> str:
    return "" if made is None else "`if` leaves the statement out where the list is empty"


def wrong_number(
    name: str,
    takes: Sequence[ast.Taken],
    bundle: Sequence[Tensor],
    span: Span,
    places: Sequence[Span],
    made: Span | None,
) -> Fault:
    """The number of tensors that arrive is not what a block with `takes` wants."""
    single = [taken for taken in takes if not taken.star]
    rest = len(single) != len(takes)
    wants = f"{len(single)}{' or more' if rest else ''} tensor{'s' * (len(single) != 1 or rest)}"
    arrive = f"{len(bundle)} arrive{'s' * (len(bundle) == 1)}"
    fork = "( " + " | ".join(taken.name for taken in single) + " )"
    mend = (
        f"a fork brings {'it' if len(single) == 1 else 'them'}: `{fork} -> {name}`" if len(single) > 1 else ""
    )
    if len(bundle) > len(single):
        last = f"*{'rest' if all(taken.name != 'rest' for taken in takes) else 'more'}"
        mend = f"`takes {', '.join(taken.name for taken in takes)}, {last}` would take the others too"
    return Fault(
        "E404",
        f"`{name}` takes {wants}, and {arrive}",
        span,
        labels=(
            Label(takes[0].span.to(takes[-1].span), "what it takes"),
            *(from_nothing(made) if not bundle else member_labels(bundle, places)),
        ),
        help=mend,
    )


def wrong_names(targets: Sequence[ast.Target], bundle: Sequence[Tensor], expr: Span) -> Fault:
    """More or fewer names than tensors."""
    tensors = f"{len(bundle)} tensor{'s' * (len(bundle) != 1)}"
    names = [target.name or "_" for target in targets]
    if len(bundle) == 1:
        mend = f"one name takes it: `{names[0]} = …`; `split({len(names)})` makes {len(names)} tensors of one"
    elif len(bundle) > len(names):
        kept = ", ".join([*names, *["_"] * (len(bundle) - len(names))])
        mend = (
            f"`_` leaves one out: `{kept} = …`"
            if len(bundle) <= MOST_MEMBERS
            else "one name takes them all, as a list"
        )
    else:
        mend = f"`{', '.join(names[: len(bundle)])} = …`" if bundle else ""
    return Fault(
        "E307",
        f"{count(len(targets), 'name')} {'is' if len(targets) == 1 else 'are'} given, and {tensors} "
        f"arrive{'s' * (len(bundle) == 1)}",
        targets[0].span.to(targets[-1].span),
        labels=(Label(expr, f"this gives {tensors}"),),
        help=mend,
    )
