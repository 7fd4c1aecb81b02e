"""Long chains in columns."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from archdsl.draw import render
from archdsl.draw.columns import columns, wrapped_size
from archdsl.draw.options import DrawOptions
from archdsl.draw.page import COLUMN, page_of, room
from archdsl.draw.picture import Cluster, End, Picture
from archdsl.draw.view import view
from tests.draw.outline import graph_of
from tests.zoo.support import architecture

STAGE = "block stage(k) { ( identity | conv(4, k) -> bn -> relu -> conv(4, k) ) -> add -> relu }\n"
#: Kernels are no numbers that repeated blocks may differ in.
STAGES = "".join(f"stage({k}) -> maxpool(1)\n" for k in (1, 3, 5, 7, 9, 11))
CHAIN = f"{STAGE}network n {{ input x: [4, 16, 16]\n{STAGES}output y }}"
HELD = f"{STAGE}network n {{ input x: [4, 16, 16]\nfeatures: {{ {STAGES} }}\noutput y }}"
SKIPS = "".join(f"{act} -> conv(4, 1)\n( it | a ) -> add\n" for act in ("relu", "gelu", "tanh", "silu"))
LONG_SKIP = f"network n {{ input x: [4, 8, 8]\na = conv(4, 3)\n{SKIPS}output y }}"


def pieces(text: str, number: int | None, **more: object) -> list[Picture]:
    options = DrawOptions(depth=99, columns=number, **more)  # type: ignore[arg-type]
    return columns(view(graph_of(text), options), options)


def turns(piece: Picture) -> list[str]:
    return [item.name for item in piece.root.items if isinstance(item, End) and item.form == "turn"]


def things(piece: Picture) -> list[int]:
    found: list[int] = []
    stack = [piece.root]
    while stack:
        cluster = stack.pop()
        found.extend(thing for thing in (cluster.head, *cluster.forks) if thing)
        for item in cluster.items:
            if isinstance(item, Cluster):
                stack.append(item)
            else:
                found.append(item.id)
    return found


@pytest.mark.parametrize("number", [2, 3, 4])
def test_a_chain_is_cut_into_pieces_of_about_one_length(number: int) -> None:
    cut = pieces(CHAIN, number)
    assert len(cut) == number
    assert [turns(piece) for piece in cut] == [
        *([["1"]] if number > 1 else []),
        *([str(at), str(at + 1)] for at in range(1, number - 1)),
        [str(number - 1)],
    ]
    heights = [wrapped_size([piece])[1] for piece in cut]
    assert max(heights) < 1.5 * sum(heights) / number
    known = [thing for piece in cut for thing in things(piece)]
    assert len(known) == len(set(known))
    for piece in cut:
        assert {end for arrow in piece.arrows for end in (arrow.tail, arrow.head)} <= set(things(piece))


def test_everything_is_in_one_piece() -> None:
    whole = view(graph_of(CHAIN), DrawOptions(depth=99))
    cut = pieces(CHAIN, 3)
    assert set(things(whole)) <= {thing for piece in cut for thing in things(piece)}
    unseen = {"turn", "note"}
    drawn = [i for piece in cut for i in piece.root.items if not (isinstance(i, End) and i.form in unseen)]
    assert len(drawn) == len(whole.root.items)


def test_a_skip_is_not_cut() -> None:
    assert len(pieces(LONG_SKIP, 3)) == 1


def test_a_block_goes_on_in_the_next_column() -> None:
    cut = pieces(HELD, 2)
    assert len(cut) == 2
    first, second = (next(i for i in piece.root.items if isinstance(i, Cluster)) for piece in cut)
    assert (first.title.name, first.title.note) == ("features", "")
    assert (second.title.name, second.title.note) == ("features", "continued")
    assert first.id != second.id and second.head not in things(cut[0])


def test_a_column_is_for_what_does_not_fit_the_page() -> None:
    graph = architecture("resnet.arch", "resnet50")._graph
    small, large = DrawOptions(depth=99), DrawOptions(depth=99, page=(2000.0, 4000.0))
    assert len(columns(view(graph, small), small)) > 1
    assert len(columns(view(graph, large), large)) == 1
    fitted = DrawOptions()
    wide, high = wrapped_size(columns(view(graph, fitted), fitted))
    assert wide <= room(fitted)[0] and high <= room(fitted)[1]


def _places(svg: bytes) -> dict[str, tuple[float, float]]:
    root = ElementTree.fromstring(svg)
    texts = root.iter("{http://www.w3.org/2000/svg}text")
    return {t.text or "": (float(t.get("x", "0")), float(t.get("y", "0"))) for t in texts}


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_columns_stand_in_the_order_of_the_text(direction: str) -> None:
    options = DrawOptions(depth=99, columns=3, direction=direction)
    places = _places(render(graph_of(CHAIN), "svg", options))
    x, y = places["x"], places["y"]
    assert (x[0] < y[0]) if direction == "TB" else (x[1] < y[1])


def test_a_drawing_fits_its_page() -> None:
    for page in ((200.0, 300.0), (400.0, 100.0)):
        svg = ElementTree.fromstring(render(graph_of(CHAIN), "svg", DrawOptions(depth=99, page=page)))
        wide, high = (float(svg.get(side, "").removesuffix("pt")) for side in ("width", "height"))
        assert wide <= page[0] + 1 and high <= page[1] + 1
        assert wide > 0.4 * page[0] or high > 0.4 * page[1]


def test_pages() -> None:
    assert page_of("column") == COLUMN
    assert page_of("300x400") == page_of("300×400pt") == (300, 400)
    assert page_of("1x2in") == (72, 144)
    wide, high = page_of("A4")
    assert (wide, high) == pytest.approx(page_of("170x257mm"))
    for text in ("", "a9", "x", "10", "1e3x4", "300x", "-300x400", "1x1", "300x99999", "٣٠٠x٤٠٠"):
        with pytest.raises(ValueError, match="page"):
            page_of(text)
