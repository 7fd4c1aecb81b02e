"""What a diagram is asked to show, and how."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.records import record


@record
class DrawOptions:
    """Choices of `archdsl draw`. Paths are those of `state_dict()`, or names of blocks.

    - `depth`: blocks deeper than this are drawn as one box (0: the network's own blocks are closed); by default as
      deep as a page allows
    - `expand`, `collapse`: blocks to open, or to draw as one box, whatever the depth says
    - `block`: draw this block alone
    - `cost`: write parameters and MACs on blocks, and shade them by their share
    - `direction`: where the flow goes, `"TB"` downwards or `"LR"` to the right
    - `columns`: into how many columns a long chain is wrapped; by default as many as the page asks for
    - `page`: width and height that the picture is to fit, in points (1/72 inch)
    - `dpi`: dots per inch of a PNG
    - `digests`: whether facts have digests, by which pictures are compared
    - `links`: the address of a source file by its name; nothing where it has none
    """

    depth: int | None = None
    expand: tuple[str, ...] = ()
    collapse: tuple[str, ...] = ()
    block: str | None = None
    cost: bool = False
    direction: str = "TB"
    columns: int | None = None
    page: tuple[float, float] | None = None
    dpi: int = 144
    links: Callable[[str], str] | None = None
    digests: bool = False


DEFAULT_OPTIONS = DrawOptions()
