"""One model from its spec to the report: the module alone, then against a peer."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from archdsl.api import Architecture
from archdsl.diagnostics import ArchError
from archdsl.records import record
from archdsl.verify.alone import hold_alone
from archdsl.verify.compare import TOLERANCE, Pair, outputs, training
from archdsl.verify.peers import Peer, PeerError
from archdsl.verify.report import Check, Report
from archdsl.verify.running import (
    arriving,
    exact,
    macs,
    parameters,
    plain_attention,
    scatter,
    without_numbers,
)
from archdsl.verify.weights import MappingError, map_weights

#: Other sizes to try, as parts of the declared ones and what they must be a multiple of: odd ones first, where rounding
#: shows, then what networks take that halve their maps and double them again. Small ones do: they are quick.
_SIZES = (
    ((0.43, 0.57), 1),
    ((0.29, 0.37), 1),
    ((0.73, 0.91), 1),
    ((0.3, 0.45), 32),
    ((0.5, 0.65), 32),
    ((0.6, 0.9), 64),
    ((1.5, 1.25), 32),
)


#: Two modules, and the shapes of what arrives.
_Case = tuple[Pair, list[list[int]]]


@record
class Settings:
    """`device` as PyTorch names it; `tolerance`, what may differ, relative to the largest value; `say` is told what
    is going on."""

    device: str = "cpu"
    tolerance: float = TOLERANCE
    say: Callable[[str], None] = lambda text: None


def verify(arch: Architecture, peer: Peer | None = None, settings: Settings | None = None) -> Report:
    """Hold the generated module of a model against its static figures, and against a peer where one is given.

    Raises ArchError where a package of an extern block is missing, PeerError where the peer cannot be built, and
    MemoryError where there is not enough of it.
    """
    chosen = settings or Settings()
    report = Report(arch.source_name, arch.model, chosen.device, {"torch": str(torch.__version__)})
    with exact(), plain_attention():
        report.module.extend(_guarded("the generated module", _hold_alone(arch, chosen)))
        if peer is not None:
            report.peer = peer.name
            report.versions[peer.name.partition(":")[0]] = peer.version
            report.against.extend(_guarded("the comparison", _hold_against(arch, peer, chosen, report)))
    return report


def _hold_alone(arch: Architecture, chosen: Settings) -> Iterator[Check]:
    chosen.say(f"{arch.model}: building")
    torch.manual_seed(0)
    net = arch.build().to(chosen.device)
    chosen.say(f"{arch.model}: running")
    yield from hold_alone(arch, net, chosen.device)


@contextmanager
def _memory() -> Iterator[None]:
    """What PyTorch raises where there is not enough memory, as Python names it."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError) or "allocate memory" in str(error):
            raise MemoryError(str(error).split("\n")[0]) from None
        raise


def _guarded(what: str, checks: Iterator[Check]) -> Iterator[Check]:
    """The checks, and one that fails in place of an exception: a module that cannot be built or run is a difference."""
    try:
        with _memory():
            yield from checks
    except (ArchError, PeerError, MemoryError):
        raise
    except (Exception, SystemExit) as error:  # the class of an extern block may do anything
        first = f"{type(error).__name__}: {error}".split("\n")[0]
        yield Check(what, "an error", "a result", False, first)


def _hold_against(arch: Architecture, peer: Peer, chosen: Settings, report: Report) -> Iterator[Check]:
    shapes = list(arch.inputs.values())
    chosen.say(f"{arch.model}: building {peer.name}")
    torch.manual_seed(0)
    theirs = scatter(peer.build())
    ours = arch.build()
    yield _equal("parameters", parameters(ours), parameters(theirs))
    yield _equal("MACs", macs(ours, shapes)[""], macs(theirs, shapes)[""])

    chosen.say(f"{arch.model}: mapping weights")
    try:
        mapping = map_weights(ours, theirs, shapes)
        mapping.copy(ours, theirs)
    except MappingError as error:
        yield Check("weights", "not mapped", "", False, str(error))
        return
    report.mapping = mapping.how
    if mapping.how == "name":
        order = "in the same order" if mapping.same_order else "in another order"
        yield Check(
            "weights", f"{len(mapping.pairs)} by name", note=f"the keys of state_dict() are equal, {order}"
        )
    else:
        note = "by order and shape as they run: the keys of state_dict() differ"
        if mapping.unused:
            note += f"; {len(mapping.unused)} of ours are not used, such as {mapping.unused[0]}"
        yield Check("weights", f"{len(mapping.pairs)} by order", note=note)

    pair = Pair(ours.to(chosen.device), theirs.to(chosen.device), mapping, chosen.device)
    whole: _Case = (pair, shapes)
    others, whose = _shared_sizes(arch, pair)
    if not others:
        yield Check("other sizes", "none", holds=None, note=f"{whose} takes no other size of its input")
    compared: list[Check] = []
    for batch, (at, sizes) in enumerate([whole, *(others[:1] or [whole])], 1):
        chosen.say(f"{arch.model}: outputs of {sizes}")
        compared.append(outputs(at, sizes, batch, chosen.tolerance))
        yield compared[-1]
    for batch, (at, sizes) in enumerate([whole, whole, *others][-2:], 2):
        chosen.say(f"{arch.model}: gradients of {sizes}")
        for check in training(at, sizes, batch, chosen.tolerance):
            compared.append(check)
            yield check
    if all(check.holds is None for check in compared):
        yield Check("the comparison", "nothing", "values", False, "no check shows that the modules are equal")


def _equal(what: str, ours: int, theirs: int) -> Check:
    return Check(what, f"{ours:,}", f"{theirs:,}", ours == theirs)


def _shared_sizes(arch: Architecture, pair: Pair) -> tuple[list[_Case], str]:
    """Up to two other sizes of the input that both take; where there are none, who takes none."""
    found: list[_Case] = []
    whose = "the network"
    for ours, shapes in _other_sizes(arch, pair):
        if _takes(pair.theirs, shapes):
            found.append((ours, shapes))
        else:
            whose = "the peer"
        if len(found) == 2:
            break
    return found, whose


def _other_sizes(arch: Architecture, pair: Pair) -> Iterator[_Case]:
    """The network at other sizes of its input, where it takes them."""
    for scales, step in _SIZES:
        inputs = {name: _scaled(shape, scales, step) for name, shape in arch.inputs.items()}
        shapes = [list(shape) for shape in inputs.values()]
        if shapes == list(arch.inputs.values()):
            continue
        try:
            other = arch.with_inputs(**inputs)
        except ArchError:
            continue
        ours = _at_size(arch, other, pair)
        if ours is not None:
            yield Pair(ours, pair.theirs, pair.mapping, pair.device), shapes


def _scaled(shape: list[int], scales: tuple[float, ...], step: int) -> tuple[int, ...]:
    """A shape with other sizes behind the channels; of a step of 1, odd ones."""

    def size(value: int, scale: float) -> int:
        if step == 1:
            return int(value * scale) // 2 * 2 + 1
        return max(step, round(value * scale / step) * step)

    return (shape[0], *(size(value, scales[axis % len(scales)]) for axis, value in enumerate(shape[1:])))


def _at_size(arch: Architecture, other: Architecture, pair: Pair) -> nn.Module | None:
    """The module itself where its code is for any size, else one for that size with the same weights."""
    if _code(arch.source()) == _code(other.source()):
        return pair.ours
    built = other.build().to(pair.device)
    state = pair.ours.state_dict()
    if {k: v.shape for k, v in built.state_dict().items()} != {k: v.shape for k, v in state.items()}:
        return None
    built.load_state_dict(state)
    return built


def _code(source: str) -> str:
    """Python without comments and docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]
                line
                for line in body
                if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
            ]
    return ast.dump(tree)


def _takes(module: nn.Module, shapes: list[list[int]]) -> bool:
    """Whether a module runs with inputs of these shapes."""

    def run(device: str) -> bool:
        with torch.no_grad():
            copy.deepcopy(module).to(device).eval()(*arriving(shapes, 2, device, torch.float32))
        return True

    try:
        return without_numbers(run)
    except Exception:
        return False
