"""The grammar of forms: joins, the main path, skips, shapes, names, roles, shared weights, costs."""

from __future__ import annotations

from archdsl.draw.markup import box, heading, title
from archdsl.draw.options import DrawOptions
from archdsl.draw.palette import SHADES
from archdsl.draw.picture import Arrow, Box, Cluster, End, Mark, Picture
from archdsl.draw.view import view
from tests.draw.outline import graph_of

EVERYTHING = DrawOptions(depth=99)


def seen(body: str, before: str = "", options: DrawOptions = EVERYTHING) -> Picture:
    return view(graph_of(f"{before}\nnetwork n {{ input x: [4, 8, 8]\n{body}\noutput y }}"), options)


def things(picture: Picture) -> dict[int, Box | Mark | End | Cluster]:
    found: dict[int, Box | Mark | End | Cluster] = {}
    stack = [picture.root]
    while stack:
        cluster = stack.pop()
        for item in cluster.items:
            found[item.id] = item
            if isinstance(item, Cluster):
                stack.append(item)
    return found


def name(item: Box | Mark | End | Cluster | None) -> str:
    if isinstance(item, Box):
        return item.rows[0].cells[0].text
    return item.symbol if isinstance(item, Mark) else item.name if isinstance(item, End) else "title"


def arrows(picture: Picture) -> dict[tuple[str, str], Arrow]:
    known = things(picture)
    return {(name(known.get(a.tail)), name(known.get(a.head))): a for a in picture.arrows}


def test_joins_are_marks() -> None:
    for join, sign in {
        "add": "+",
        "mul": "×",
        "concat": "‖",
        "sub": "−",
        "div": "÷",
        "maximum": "maximum",
    }.items():
        marks = [
            m
            for m in things(seen(f"( identity | conv(4, 3) ) -> {join} -> relu")).values()
            if isinstance(m, Mark)
        ]
        assert [m.symbol for m in marks] == [sign]
    (mark,) = [m for m in things(seen("( it | it ) -> concat(axis=1)")).values() if isinstance(m, Mark)]
    assert mark.symbol == "‖ axis 1"


def test_the_order_of_members_is_said_where_it_matters() -> None:
    drawn = arrows(seen("( conv(4, 3) | conv(4, 1) ) -> sub"))
    assert drawn["conv 3×3, 4", "−"].role == "1" and drawn["conv 1×1, 4", "−"].role == "2"
    drawn = arrows(seen("( conv(4, 3) | conv(4, 1) ) -> add"))
    assert not any(arrow.role for arrow in drawn.values())
    text = "tokens\n( identity | linear(4) | relu ) -> attention(2)"
    drawn = arrows(seen(text))
    assert [drawn[tail, "attention, 2 heads"].role for tail in ("tokens", "linear 4", "relu")] == [
        "q",
        "k",
        "v",
    ]


def test_the_body_is_the_main_path_and_the_identity_skips_it() -> None:
    drawn = arrows(seen("conv(4, 1)\n( identity | conv(4, 3) -> relu -> conv(4, 5) ) -> add"))
    body, skip = drawn["conv 1×1, 4", "conv 3×3, 4"], drawn["conv 1×1, 4", "+"]
    assert body.main and not body.skip
    assert skip.skip and not skip.main
    assert drawn["conv 3×3, 4", "+"].main


def test_branches_of_equal_length_skip_nothing() -> None:
    drawn = arrows(seen("( conv(4, 1) | conv(4, 3) ) -> add"))
    assert not any(arrow.skip for arrow in drawn.values())
    assert drawn["x", "conv 1×1, 4"].main != drawn["x", "conv 3×3, 4"].main


def test_what_is_for_training_is_not_the_main_path() -> None:
    drawn = arrows(
        seen(
            "conv(4, 1)\noutput aux = conv(4, 3) -> relu -> conv(4, 3) -> relu -> conv(4, 3) when training\nconv(4, 5)"
        )
    )
    assert drawn["conv 1×1, 4", "conv 5×5, 4"].main
    assert not drawn["conv 1×1, 4", "conv 3×3, 4"].main


def test_shapes_stand_on_arrows_where_they_change() -> None:
    drawn = arrows(seen("conv(8, 3, stride=2) -> bn\n( identity | conv(8, 3) ) -> add -> relu"))
    assert drawn["conv 3×3, 8, /2", "conv 3×3, 8"].shape == "8×4×4"
    assert [a.shape for a in drawn.values() if a.shape] == ["8×4×4"]
    drawn = arrows(seen("( conv(8, 3) | conv(8, 1) ) -> add -> conv(8, 5)"))
    assert [pair for pair, a in drawn.items() if a.shape] == [("+", "conv 5×5, 8")]


def test_a_row_says_a_shape_that_nothing_else_says() -> None:
    (chain,) = [
        b
        for b in things(seen("conv(8, 3, stride=2) -> relu -> maxpool(2) -> conv(16, 1)")).values()
        if isinstance(b, Box)
    ]
    assert [(row.cells[0].text, row.told) for row in chain.rows if not row.small] == [
        ("conv 3×3, 8, /2", True),
        ("maxpool 2×2, /2", False),
        ("conv 1×1, 16", False),
    ]
    assert "8×4×4" in box(chain) and "8×2×2" not in box(chain)


def test_names_stand_on_arrows_once() -> None:
    drawn = arrows(seen("e1 = conv(4, 3)\nconv(4, 1)\n( it | e1 ) -> add"))
    assert drawn["conv 3×3, 4", "conv 1×1, 4"].name == "e1"
    assert [a.name for a in drawn.values() if a.name] == ["e1"]


def test_uses_of_a_shared_module_bear_one_letter() -> None:
    before = "block b { conv(4, 3) -> relu -> conv(4, 1) }"
    body = "share one = conv(4, 3)\nshare two = b\none -> maxpool(1) -> one\ntwo -> maxpool(1) -> two"
    boxes = [b for b in things(seen(body, before)).values() if isinstance(b, (Box, Cluster))]
    letters = {
        (c.text, c.badge) for b in boxes if isinstance(b, Box) for row in b.rows for c in row.cells if c.badge
    }
    assert letters == {("conv 3×3, 4", "A")}
    assert [b.title.badge for b in boxes if b.title] == ["B", "B"]
    assert all("[B]" in title(b.title) for b in boxes if b.title)


def test_costs_are_written_and_shaded() -> None:
    picture = seen(
        "conv(8, 3) -> bn -> relu -> conv(8, 1)\ngap -> linear(10)", options=DrawOptions(cost=True)
    )
    (drawn,) = [b for b in things(picture).values() if isinstance(b, Box)]
    assert [row.cost for row in drawn.rows if not row.small] == ["296 · 18.4K", "72 · 4.10K", "", "90 · 80"]
    shares = [cell.share for row in drawn.rows for cell in row.cells]
    assert sum(share for share in shares if share is not None) == 1
    assert SHADES[-1] in box(drawn) and SHADES[0] in box(drawn)
    assert picture.shaded == "MACs" and "share of MACs" in heading(picture)
    assert "474 parameters, 22.6K MACs" in heading(picture)


def test_without_multiplications_parameters_are_shaded() -> None:
    picture = seen("bn -> relu", options=DrawOptions(cost=True))
    assert picture.shaded == "parameters"


def test_repeated_blocks_cost_what_all_copies_cost() -> None:
    picture = seen(
        "unit * 3\nrelu", "block unit { conv(4, 3) -> relu -> conv(4, 3) }", DrawOptions(cost=True, depth=0)
    )
    (closed,) = [b for b in things(picture).values() if isinstance(b, Box) and b.closed]
    assert closed.rows[0].cost == "888 · 55.3K" and closed.rows[0].cells[0].share == 1


def test_a_shared_block_of_one_layer_bears_its_letter_there() -> None:
    picture = seen("share s = b\ns -> s -> s", "block b { conv(4, 3) -> bn -> relu }")
    (drawn,) = [b for b in things(picture).values() if isinstance(b, Box)]
    assert drawn.rows[0].times == 3
    assert [(cell.tag, cell.badge) for cell in drawn.rows[0].cells] == [("shared: s", "A")]
