"""From the keys of a checkpoint to those of a module: what was paired, how, and what is left over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from archdsl.checkpoints.tensors import Checkpoint, Stored, scalar, shown
from archdsl.diagnostics.near import did_you_mean
from archdsl.port.groups import How
from archdsl.port.matching import match, match_keys
from archdsl.port.patterns import Line, MapError, Pattern
from archdsl.port.units import COUNTER, Shape, Unit, canonical, units_of
from archdsl.records import record

#: What TensorFlow and Flax call weights, whose axes they store in another order.
_OTHER_LAYOUT = ("kernel", "depthwise_kernel", "pointwise_kernel")


@record
class Pair:
    """A key of the module and one of the file. `mend` says how the tensor changes, "" if it does not."""

    ours: str
    theirs: str
    how: How
    mend: str = ""


@record
class Doubt:
    """Layers, or single tensors, that hold the same: only their order tells which of theirs is which of ours."""

    holds: str  # "weight 64×3×3×3"
    theirs: list[str]
    ours: list[str]


@dataclass(slots=True)
class Plan:
    """How a checkpoint becomes one of a module.

    `missing` are keys of the module that nothing is given, `unused` those of the file that go nowhere, `misfits` pairs
    of one name and different shapes, which are neither. `filled` are counters that the file lacks and start at 0;
    `dropped` are keys of the file that do nothing in the module, with the reason. `skipped` are those that the user
    leaves out. `spare` are keys of the module that what is made of it does without, and `absent` those of them that the
    file lacks.
    """

    shapes: dict[str, Shape]
    checkpoint: Checkpoint
    pairs: list[Pair] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    misfits: list[Pair] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)
    skipped: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))
    spare: frozenset[str] = frozenset()
    absent: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every key of both sides has found its place."""
        return not (self.missing or self.unused or self.misfits or self.checkpoint.refused)

    @property
    def strict(self) -> bool:
        """Whether all is written that is needed: the module loads it with `strict=True`, where it needs all."""
        return not (self.missing or self.misfits or set(self.skipped[0]) - self.spare)

    @property
    def left(self) -> int:
        """How many keys of both sides have not found their place."""
        return len(self.missing) + len(self.unused) + 2 * len(self.misfits) + len(self.checkpoint.refused)

    def tensors(self) -> dict[str, Stored]:
        """What is written: the module's keys in its order, each in the module's shape and the file's precision."""
        theirs = {pair.ours: pair.theirs for pair in self.pairs}
        zeros = set(self.filled)
        return {
            key: scalar(0) if key in zeros else self.checkpoint.tensors[theirs[key]].reshaped(shape)
            for key, shape in self.shapes.items()
            if key in zeros or key in theirs
        }


def plan(
    shapes: Mapping[str, Sequence[int]],
    checkpoint: Checkpoint,
    lines: Sequence[Line] = (),
    skip: Sequence[str] = (),
    spare: Collection[str] = (),
) -> Plan:
    """Pair the keys of a module, in the order in which it uses them, with those of a file. Raises MapError.

    `lines` of the user's come first, and what they say nothing of is paired by itself; `skip` are patterns of keys of
    either side to leave out. `spare` are keys of the module that are not needed: a file that has all but them, or but
    some of them, is paired without.
    """
    made = _paired(shapes, checkpoint, lines, skip, spare, ())
    if spare and not made.complete:
        lacking = {*made.missing, *made.filled}
        for without in (spare, [key for key in spare if key in lacking]):
            others = _paired(shapes, checkpoint, lines, skip, spare, without)
            made = others if others.left < made.left else made
    return made


def _paired(
    shapes: Mapping[str, Sequence[int]],
    checkpoint: Checkpoint,
    lines: Sequence[Line],
    skip: Sequence[str],
    spare: Collection[str],
    without: Collection[str],
) -> Plan:
    """A plan in which keys `without` a place of their own in the user's lines have none."""
    seen = checkpoint.seen_by(shapes)
    seen = replace(seen, refused=dict(seen.refused))
    made = Plan({key: tuple(shape) for key, shape in shapes.items()}, seen, spare=frozenset(spare))
    work = _Work(made)
    work.skip(skip)
    work.map(lines)
    work.do_without(without)
    work.match()
    work.finish()
    return made


class _Work:
    def __init__(self, made: Plan) -> None:
        self.made = made
        self.ours = dict(made.shapes)
        self.theirs = {key: one.shape for key, one in made.checkpoint.tensors.items()}
        self.alike: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)

    def skip(self, patterns: Iterable[str]) -> None:
        for text in patterns:
            pattern = Pattern(text)
            ours = [key for key in self.ours if pattern.match(key) is not None]
            theirs = [key for key in self.theirs if pattern.match(key) is not None]
            refused = [key for key in self.made.checkpoint.refused if pattern.match(key) is not None]
            if not (ours or theirs or refused):
                raise MapError(
                    f"no key of either side is `{text}`", did_you_mean(text, self.ours, self.theirs)
                )
            for key in refused:
                del self.made.checkpoint.refused[key]
            self._leave_out(ours, [*theirs, *refused])

    def _leave_out(self, ours: Iterable[str], theirs: Iterable[str]) -> None:
        for number, (side, keys) in enumerate(((self.ours, ours), (self.theirs, theirs))):
            for key in keys:
                side.pop(key, None)
                self.made.skipped[number].append(key)

    def map(self, lines: Sequence[Line]) -> None:
        """Pair what the user's lines say; of several lines for a key the first holds."""
        for line in lines:
            side = self.ours if line.theirs is None else self.theirs
            pattern = line.theirs or line.ours
            assert pattern is not None
            found = [(key, values) for key in side if (values := pattern.match(key)) is not None]
            if not found:
                whose = "the module" if side is self.ours else "the file"
                known = self.made.shapes if side is self.ours else self.made.checkpoint.tensors
                if any(pattern.match(key) is not None for key in known):
                    continue  # an earlier line has them
                raise MapError(
                    f"{line.place}: `{pattern.text}` is no key of {whose}", did_you_mean(pattern.text, known)
                )
            if line.theirs is None:
                self._leave_out([key for key, _ in found], [])
            elif line.ours is None:
                self._leave_out([], [key for key, _ in found])
            else:
                for theirs, values in found:
                    self._mapped(line.ours.fill(values), theirs, line.place)

    def _mapped(self, ours: str, theirs: str, place: str) -> None:
        if ours not in self.ours:
            if ours in self.made.shapes:
                raise MapError(f"{place}: `{ours}` is given `{theirs}` and something else")
            raise MapError(
                f"{place}: `{ours}`, for `{theirs}`, is no key of the module",
                did_you_mean(ours, self.made.shapes),
            )
        mine, other = self.ours.pop(ours), self.theirs.pop(theirs)
        if canonical(mine, True) != canonical(other, True):
            raise MapError(
                f"{place}: `{theirs}` is {shown(other)}, and `{ours}` is {shown(mine)}",
            )
        self._pair(ours, theirs, How.MAP)

    def _pair(self, ours: str, theirs: str, how: How) -> None:
        mine, other = self.made.shapes[ours], self.made.checkpoint.tensors[theirs].shape
        mend = "" if mine == other else f"{shown(other)} becomes {shown(mine)}"
        self.made.pairs.append(Pair(ours, theirs, how, mend))

    def do_without(self, keys: Iterable[str]) -> None:
        """Leave out keys of the module that are not needed, as the file has none of them."""
        for key in keys:
            if key in self.ours:
                del self.ours[key]
                self.made.absent.append(key)

    def match(self) -> None:
        """Pair what is left, layer by layer, then tensor by tensor."""
        found = match(units_of(self.ours), units_of(self.theirs), self.made.checkpoint.ordered)
        for mine, other, how in found.pairs:
            self._layers(mine, other, how)
            if how is How.ORDER and mine.path != other.path:
                self.alike[_held(mine)].append((".".join(other.path), ".".join(mine.path)))
        left, right = (
            [unit for unit in units if any(role != COUNTER for role in unit.keys)]
            for units in (found.ours, found.theirs)
        )
        for a, b, how in match_keys(left, right, self.made.checkpoint.ordered):
            assert a.unit is not None and b.unit is not None
            (mine_key,), (other_key,) = a.unit.keys.values(), b.unit.keys.values()
            self._paired(mine_key, other_key, how)
            if how is How.ORDER:
                self.alike[shown(self.made.shapes[mine_key])].append((other_key, mine_key))
        self.made.doubts = [
            Doubt(what, [a for a, _ in pairs], [b for _, b in pairs]) for what, pairs in self.alike.items()
        ]

    def _layers(self, mine: Unit, other: Unit, how: How) -> None:
        for role, key in mine.keys.items():
            if role not in other.keys:
                continue
            if role == COUNTER or mine.shapes[role] == other.shapes[role]:
                self._paired(key, other.keys[role], how)
            else:
                self.made.misfits.append(Pair(key, other.keys[role], how))
                del self.ours[key], self.theirs[other.keys[role]]

    def _paired(self, ours: str, theirs: str, how: How) -> None:
        if self.made.shapes[ours] != () and self.made.checkpoint.tensors[theirs].shape == ():
            return
        del self.ours[ours], self.theirs[theirs]
        if ours == theirs:
            how = How.NAME
        elif theirs.rpartition(".")[2].rpartition("/")[2] in _OTHER_LAYOUT:
            how = How.ORDER
            self.alike["kernel"].append((theirs, ours))
            self._note(
                "a `kernel` of TensorFlow or Flax has its axes in another order than PyTorch's weights"
            )
        if "qkv" in theirs and "in_proj" in ours:
            self._note(
                "`qkv` has queries, keys and values one below the other, as in timm: it is not reordered"
            )
        self._pair(ours, theirs, how)

    def _note(self, text: str) -> None:
        if text not in self.made.notes:
            self.made.notes.append(text)

    def finish(self) -> None:
        """What is left over, but what PyTorch itself fills in, and what is there twice or counts batches."""
        made = self.made
        made.filled = [key for key in self.ours if _is_counter(key)]
        origins = {made.checkpoint.tensors[pair.theirs].origin: pair.theirs for pair in reversed(made.pairs)}
        for key in self.theirs:
            one = made.checkpoint.tensors[key]
            if one.origin is not None and one.origin in origins:
                made.dropped[key] = f"the same tensor as `{origins[one.origin]}`"
            elif _is_counter(key) or key == "n_averaged":
                made.dropped[key] = "a counter"
        made.missing = [key for key in self.ours if not _is_counter(key)]
        made.unused = [key for key in self.theirs if key not in made.dropped]
        place = {key: number for number, key in enumerate(made.shapes)}
        made.pairs.sort(key=lambda pair: place[pair.ours])


def _is_counter(key: str) -> bool:
    return key.rpartition(".")[2] == COUNTER


def _held(unit: Unit) -> str:
    return ", ".join(f"{role} {shown(shape)}" for role, shape in unit.shapes.items() if role != COUNTER)
