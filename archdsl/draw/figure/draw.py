"""From the graph to the scene of its figure."""

from __future__ import annotations

from archdsl.draw import palette
from archdsl.draw.figure.labels import LEAD, NAME, NUMBER
from archdsl.draw.figure.maps import maps_of
from archdsl.draw.figure.model import Maps
from archdsl.draw.figure.place import BESIDE, Spot, plan_of
from archdsl.draw.figure.routes import arcs, route, slices
from archdsl.draw.figure.scale import WORDS, Scale
from archdsl.draw.figure.scene import Prism, Scene, Text
from archdsl.draw.figure.settle import ARCS, MARGIN, NEAR, settle
from archdsl.draw.figure.stages import stages_of
from archdsl.draw.figure.units import Source
from archdsl.draw.markup import clean
from archdsl.draw.metrics import width
from archdsl.draw.options import DEFAULT_OPTIONS, DrawOptions
from archdsl.graph.model import Graph
from archdsl.limits import DEFAULT_LIMITS, Limits

_SWATCH = 8.0
#: What the legend calls a group of layers.
_NAMES = {
    "": "input",
    "linear": "fully connected",
    "joins": "copied",
    "shape": "resized or cut",
    "extern": "other modules",
}
_FILLS = {"": palette.END}


def scene_of(
    graph: Graph,
    scale: str = "sqrt",
    options: DrawOptions = DEFAULT_OPTIONS,
    limits: Limits = DEFAULT_LIMITS,
) -> Scene:
    """The figure of a network. Raises DrawError if there is too much to draw."""
    source = Source(graph, options)
    found = maps_of(source, limits)
    sizes = Scale(scale, [item.shape for item in found.maps])
    plan = plan_of(found, stages_of(found), sizes)
    settle(plan, found)
    scene = Scene(clean(source.title), _about(found), plan.width, plan.height)
    for flow in found.flows:
        route(scene, plan, flow)
    over = {item for flow in plan.level for item in (flow.tail, flow.head)}
    for block in plan.blocks:
        for spot in block.spots:
            _box(scene, spot, spot.item in over)
        y = block.label_y
        for words in block.label.lines:
            y += words.size * LEAD
            centre = block.label_x + block.label.width / 2
            scene.texts.append(
                Text(
                    centre,
                    y - words.size * 0.25,
                    words.text,
                    words.size,
                    bold=words.bold,
                    faint=words.faint,
                    halo=True,
                )
            )
    _legend(scene, found, sizes)
    return scene


def _box(scene: Scene, spot: Spot, crossed: bool) -> None:
    """The box of a map, or those of equal ones, with the channels above."""
    item, sides = spot.item, spot.sides
    fills = tuple((end, fill(group)) for end, group in slices(spot))
    node = next(item.units[-1].nodes)
    about = f"{clean(item.name or node.path or node.operation)}: {item.text}"
    if item.count > 1:
        about += f", × {item.count}"
    about += f"; line {node.span.line}"
    for copy in range(spot.copies):
        x = spot.x + copy * (sides.length + BESIDE)
        scene.prisms.append(
            Prism(
                x,
                spot.top,
                sides.length,
                sides.height,
                sides.shift,
                fills,
                about,
                item.training,
                (node.span.source.name, node.span.line),
            )
        )
    scene.arcs.extend(arcs(spot))
    if spot.number:
        over = ARCS if item.dense and len(item.parts) > 2 else 0.0
        y = spot.top - sides.shift - NEAR + 1 - over
        scene.texts.append(Text(spot.middle + sides.shift, y, spot.number, NUMBER, faint=True, halo=crossed))


def fill(group: str) -> str:
    """The colour of a group of layers in a figure."""
    return _FILLS.get(group) or palette.fill(group)


def _legend(scene: Scene, found: Maps, sizes: Scale) -> None:
    """What the colours mean, and how the sides were scaled."""
    groups = dict.fromkeys(item.group for item in found.maps)
    groups |= dict.fromkeys(group for item in found.maps for _, group in item.parts)
    x, y = MARGIN, scene.height + NAME
    entries = [(_NAMES.get(group, group), fill(group)) for group in groups]
    word = WORDS[sizes.name]
    notes = [f"height, depth ∝ {word}; length ∝ {word.replace('size', 'channels')}"]
    most = max(scene.width, 260.0) - MARGIN
    for name, colour in entries:
        wide = _SWATCH + 3 + width(name, NAME)
        if x > MARGIN and x + wide > most:
            x, y = MARGIN, y + NAME * 1.6
        scene.prisms.append(Prism(x, y - _SWATCH + 1, _SWATCH, _SWATCH, 0.0, ((1.0, colour),)))
        scene.texts.append(Text(x + _SWATCH + 3, y, name, NAME, middle=False))
        x += wide + 12
    for note in notes:
        wide = width(note, NUMBER)
        if x > MARGIN and x + wide > most:
            x, y = MARGIN, y + NAME * 1.6
        scene.texts.append(Text(x, y, note, NUMBER, middle=False, faint=True))
        x += wide
    ends = [t.x + width(t.text, t.size, t.bold) for t in scene.texts if not t.middle]
    scene.width = max([scene.width, *(end + MARGIN for end in ends)])
    scene.height = y + MARGIN


def _about(found: Maps) -> str:
    """The figure in a sentence or two."""
    first = [f"{clean(item.name)} {item.text}" for item in found.maps if not item.group]
    last = [f"{clean(name)} {item.text}" for item in found.maps for name in item.outputs]
    return (
        f"Feature maps of a neural network as boxes to scale, {len(found.maps)} of them. "
        f"From {', '.join(first) or 'nothing'} to {', '.join(last)}."
    )
