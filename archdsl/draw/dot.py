"""A picture as DOT text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archdsl.draw import markup, palette, spacing
from archdsl.draw.columns import columns
from archdsl.draw.effort import BOUNDS, MOST_AT_BEST
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.draw.picture import Arrow, Box, Cluster, End, Mark, Picture
from archdsl.draw.view import view
from archdsl.graph.model import Graph
from archdsl.limits import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    import graphviz


#: How strongly what nothing leads through is held below what it stands behind.
_ABOVE = "10"
#: How much more the main path is to be straight than other arrows.
_MAIN = "1000"


def digraph(
    graph: Graph, options: DrawOptions = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS
) -> graphviz.Digraph:
    """The diagram of a network, each repetition drawn once. The same network gives the same text.

    Raises DrawError if it is too large to be drawn.
    """
    return drawing_of(view(graph, options, limits), options)


def drawing_of(picture: Picture, options: DrawOptions = DEFAULT_OPTIONS) -> graphviz.Digraph:
    """A picture as DOT, in columns where it is long. One that is dense says in its attributes how long Graphviz may
    try."""
    import graphviz

    pieces = columns(picture, options)
    drawing = graphviz.Digraph(
        "architecture",
        graph_attr={
            "fontname": palette.FONT,
            "fontsize": str(palette.SIZE + 3),
            "label": f"<{markup.heading(picture)}>",
            "labelloc": "t",
            "nodesep": spacing.inches(spacing.BESIDE),
            "ranksep": spacing.inches(spacing.BELOW),
            "pad": spacing.inches(spacing.PAD),
            **_page(options),
            **(_side_by_side(len(pieces)) if len(pieces) > 1 else {"newrank": "true"}),
            **(BOUNDS if picture.effort > MOST_AT_BEST else {}),
        },
        node_attr={
            "fontname": palette.FONT,
            "fontsize": str(palette.SIZE),
            "color": palette.LINE,
            "shape": "plain",
        },
        edge_attr={
            "fontname": palette.FONT,
            "fontsize": str(palette.SMALL),
            "color": palette.LINE,
            "arrowsize": "0.6",
            "penwidth": "0.9",
        },
    )
    if len(pieces) == 1:
        _draw(drawing, pieces[0])
        return drawing
    # each in a frame that is not seen, for these are set side by side in the order of the text; from below where the
    # whole is turned
    for at, piece in enumerate(reversed(pieces) if options.direction == "LR" else pieces):
        drawing.body.append(f"\tsubgraph cluster_column_{at} {{\n")
        drawing.attr(None, label="", peripheries="0", margin="0")
        _draw(drawing, piece)
        drawing.body.append("\t}\n")
    return drawing


def _draw(drawing: graphviz.Digraph, picture: Picture) -> None:
    """What a picture holds, and its arrows."""
    _items(drawing, picture)
    for above, below in picture.stacked:
        drawing.edge(f"n{above}", f"n{below}", style="invis", weight=_ABOVE)
    for arrow in picture.arrows:
        drawing.edge(f"n{arrow.tail}", f"n{arrow.head}", **_arrow(arrow))


def _page(options: DrawOptions) -> dict[str, str]:
    """What Graphviz is told of the page: a picture that is larger is made smaller."""
    found = {"rankdir": options.direction} if options.direction != "TB" else {}
    if options.page is not None:
        found["size"] = spacing.inches(*options.page)
    return found


def _side_by_side(number: int) -> dict[str, str]:
    """Pieces that no arrow joins are laid out by themselves, and then set side by side in the order of the text.
    (Graphviz ends where `newrank` meets `pack`, and leaves out what is written on arrows.)"""
    return {"pack": str(spacing.COLUMNS), "packmode": f"array_it{number}"}


def _arrow(arrow: Arrow) -> dict[str, str]:
    """What Graphviz is told of an arrow. The main path is held straight before anything else is."""
    attributes: dict[str, str] = {}
    if text := markup.arrow(arrow):
        attributes["label"] = f"<&#160; {text}>"
    if arrow.role:
        attributes["headlabel"] = f"<{markup.small(arrow.role)}>"
        attributes["labeldistance"] = "1.2"
    if arrow.training or arrow.change == "−":
        attributes["style"] = "dashed"
    if colour := palette.CHANGED_LINES.get(arrow.change):
        attributes["color"] = colour
    if arrow.entering:
        attributes["arrowhead"] = "none"
    if arrow.long:
        attributes["minlen"] = "2"
    if arrow.main:
        attributes["weight"] = _MAIN
    return attributes


def _items(drawing: graphviz.Digraph, picture: Picture) -> None:
    """The clusters with what they hold, an inner one where it stands."""
    closing = "}"
    stack: list[tuple[Cluster | Box | Mark | End | str, int]] = [
        (item, 0) for item in reversed(picture.root.items)
    ]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, str):
            drawing.body.append("\t" * depth + closing + "\n")
        elif isinstance(item, Cluster):
            _open(drawing, item, depth + 1)
            _entries(drawing, item)
            stack.append((closing, depth + 1))
            stack.extend((inner, depth + 1) for inner in reversed(item.items))
        else:
            _node(drawing, item)


def _style(item: Cluster | Mark | End) -> str:
    return "rounded,filled,dashed" if item.training or item.change == "−" else "rounded,filled"


def _coloured(item: Mark | End) -> dict[str, str]:
    """The colour of the lines of what has changed."""
    return {"color": palette.line(item.change)} if item.change in palette.CHANGED_LINES else {}


def _open(drawing: graphviz.Digraph, cluster: Cluster, depth: int) -> None:
    drawing.body.append("\t" * depth + f"subgraph cluster_{cluster.id} {{\n")
    drawing.attr(
        None,
        label="" if cluster.head else f"<{markup.title(cluster.title)}>",
        fontsize=str(palette.SIZE),
        style=_style(cluster),
        color=palette.line(cluster.change, palette.FRAME),
        fillcolor=palette.CLUSTERS[depth % len(palette.CLUSTERS)],
        margin=str(spacing.CLUSTER),
        peripheries="1",
    )


def _entries(drawing: graphviz.Digraph, cluster: Cluster) -> None:
    """The title of a cluster, and the points where what enters forks."""
    if cluster.head:
        drawing.node(
            f"n{cluster.head}",
            f"<{markup.title(cluster.title)}>",
            margin=spacing.inches(*spacing.TITLE),
            shape="plaintext",
            width="0",
            height="0",
        )
    for fork in cluster.forks:
        drawing.node(f"n{fork}", "", shape="point", width=spacing.inches(spacing.FORK))


def _node(drawing: graphviz.Digraph, item: Box | Mark | End) -> None:
    import graphviz

    name = f"n{item.id}"
    if isinstance(item, Box):
        drawing.node(name, f"<{markup.box(item)}>", tooltip=graphviz.escape(markup.clean(item.facts.tooltip)))
    elif isinstance(item, Mark):
        drawing.node(
            name,
            f"<{markup.mark(item)}>",
            shape="circle" if len(item.symbol) == 1 else "box",
            style=_style(item),
            **_coloured(item),
            fillcolor=palette.fill(item.change or "joins"),
            margin=spacing.inches(*(spacing.SIGN if len(item.symbol) == 1 else spacing.JOIN)),
            width=spacing.inches(spacing.LEAST_JOIN),
            height=spacing.inches(spacing.LEAST_JOIN),
            tooltip=graphviz.escape(markup.clean(item.facts.tooltip)),
        )
    elif item.form == "note":
        drawing.node(name, f"<{markup.end(item)}>", shape="plaintext", margin="0.02,0", width="0", height="0")
    elif item.form == "turn":
        drawing.node(
            name,
            f"<<B>{markup.text(item.name)}</B>>",
            shape="circle",
            style="filled",
            fillcolor=palette.LINE,
            fontcolor=palette.PLAIN,
            fontsize=str(palette.SMALL),
            fixedsize="true",
            margin="0",
            width=spacing.inches(spacing.TURN),
        )
    else:
        drawing.node(
            name,
            f"<{markup.end(item)}>",
            shape="box",
            style=_style(item),
            **_coloured(item),
            fillcolor=palette.CHANGES.get(item.change, palette.END),
            margin=spacing.inches(*spacing.END),
            height=spacing.inches(spacing.LEAST_END),
        )
