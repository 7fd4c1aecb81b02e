"""What a diagram shows, as plain data with finished texts: boxes, marks and ends in clusters, and arrows."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.records import record


@record
class Facts:
    """What is known of a drawn thing beside its label: of all copies that it stands for.

    `params` are trained weights, shared ones where they run first; `macs` are those of one sample.
    """

    path: str = ""  # of the first copy, as `state_dict()` names it
    source: str = ""  # the file that says it
    line: int = 0
    layers: int = 0
    params: int = 0
    macs: int = 0
    digest: int = 0  # of its layers with their arguments, where the options ask for it; of this process alone

    @property
    def tooltip(self) -> str:
        return f"{self.path}, line {self.line}"


@record
class Title:
    """The head of a cluster or box."""

    name: str
    note: str = ""  # the block's name, where the label does not tell it
    count: int = 1
    parallel: bool = False
    growth: str = ""
    shared: bool = False
    badge: str = ""  # the letter of a shared module, the same wherever it is used
    around: tuple[str, ...] = ()  # names of the frames that hold this one and nothing else
    cost: str = ""  # of all copies together


@record
class Cell:
    text: str
    group: str  # the layer's group, for its colour
    tag: str = ""  # "shared: head"
    badge: str = ""  # as that of a title
    facts: Facts = field(default_factory=Facts)
    share: float | None = None  # of the costs of the whole, if that is what the colours say


@record
class Row:
    """One layer with the shape that leaves it, or small layers side by side."""

    cells: tuple[Cell, ...]
    shape: str = ""
    small: bool = False
    told: bool = False  # the picture writes the shape beside the layer: no arrow and no text says it
    times: int = 1  # copies of this row and those below it, `span` in all
    span: int = 0
    growth: str = ""
    cost: str = ""  # of all copies together


@record
class Box:
    """Layers one after another."""

    id: int
    rows: tuple[Row, ...]
    facts: Facts
    title: Title | None = None
    training: bool = False
    closed: bool = False  # a frame that is drawn as one box
    change: str = ""  # in a drawing of a difference: "+", "−", "~", or "=" for what stayed


@record
class Mark:
    """A join. `symbol` is the sign that is drawn in a circle, or words."""

    id: int
    symbol: str
    shape: str  # that leaves it; in the picture an arrow says it
    facts: Facts
    training: bool = False
    change: str = ""


@record
class End:
    """An input or output of the network.

    In a picture that is cut into columns also a point of another form: a `turn`, where a column goes on in the next
    one, or a `note`, what stands on an arrow.
    """

    id: int
    name: str
    shape: str
    training: bool = False
    facts: Facts = field(default_factory=Facts)
    form: str = ""
    change: str = ""


@dataclass(slots=True)
class Cluster:
    """A frame.

    If one tensor enters it, it does so through the title, the node `head`. Where several do, the title stands
    beside them, and those that are read more than once fork at the nodes `forks`.
    """

    id: int
    title: Title
    training: bool = False
    items: list[Box | Mark | End | Cluster] = field(default_factory=list)
    head: int = 0
    forks: list[int] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    change: str = ""


@record
class Arrow:
    tail: int
    head: int
    text: str = ""  # "× 3", for tensors of several copies
    name: str = ""  # that the text gave the tensor
    shape: str = ""  # of the tensor, where it is another one than was last said on the way
    role: str = ""  # what the tensor is to the head, where the order of members makes a difference
    training: bool = False
    entering: bool = False  # leads to a title or fork
    long: bool = False  # leads past one more row of the drawing, where a large box has room
    main: bool = False  # the longest way leads over it
    skip: bool = False  # there is a longer way from its tail to its head
    change: str = ""


@dataclass(slots=True)
class Picture:
    """A drawing before it is written in any form."""

    root: Cluster
    arrows: list[Arrow]
    stacked: list[tuple[int, int]]  # titles that nothing goes through, and what stands below them
    effort: int = 0  # to lay it out
    shaded: str = ""  # the cost whose shares the colours say: "MACs" or "parameters"
