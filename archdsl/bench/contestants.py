"""Who is measured: our network as written and rewritten, and others with the same weights, each in its forms."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from archdsl.api import Architecture
from archdsl.bench.forms import AS_WRITTEN, FORMS, REWRITTEN, Form, chosen
from archdsl.bench.rewriting import rewritten
from archdsl.bench.settings import BenchError, Settings
from archdsl.bench.weights import settle
from archdsl.verify.peers import Peer
from archdsl.verify.weights import MappingError, map_weights


@dataclass(frozen=True, slots=True)
class Network:
    """A module with its weights, the first of which is the one that is measured. `arch` is what it was made of, where
    that is a spec; `function` is equal for networks that compute the same."""

    number: int
    name: str
    module: nn.Module
    arch: Architecture | None
    function: int


@dataclass(frozen=True, slots=True)
class Contestant:
    """A network in a form. `build` makes a module of its own."""

    network: Network
    form: Form
    build: Callable[[], nn.Module]

    @property
    def name(self) -> str:
        return f"{self.network.name}, {self.form.name}"


def networks(arch: Architecture, others: Sequence[Peer | Architecture], settings: Settings) -> list[Network]:
    """Ours, then the others, all with our weights; another spec that these do not fit keeps its own.

    Raises BenchError where the weights do not fit a peer, and PeerError where it cannot be built.
    """
    shapes = list(arch.inputs.values())
    settings.say(f"{arch.model}: drawing weights")
    ours = _fresh(arch, settings)
    found = [Network(0, arch.model, ours, arch, 0)]
    for other in others:
        name = _name_of(other, found)
        settings.say(f"{arch.model}: mapping weights to {name}")
        if isinstance(other, Architecture):
            if list(other.inputs.values()) != shapes:
                raise BenchError(
                    f"`{name}` takes inputs of other shapes: {_shown(other)}, not {_shown(arch)}",
                    "`--input` gives both the same",
                )
            found.append(_spec(name, other, found, settings))
        else:
            found.append(Network(len(found), name, _peer(other, ours, arch, settings), None, 0))
    return found


def contestants(found: Sequence[Network], settings: Settings) -> Iterator[Contestant]:
    """Each network in the forms that are asked for. The first is what all are measured by."""
    first = found[1] if len(found) > 1 else found[0]
    arch = found[0].arch
    ranks = set() if arch is None else {len(shape) - 1 for shape in arch.inputs.values()}
    images = len(ranks & {2, 3}) == 1  # the spatial axes that channels-last is for
    alone = len(found) == 1
    for network in [first, *(one for one in found if one is not first)]:
        theirs = network.arch is None or alone
        forms = chosen(FORMS, settings.targets, settings.kind, settings.purpose) if theirs else []
        forms = [form for form in forms if images or not form.channels_last]
        forms = [form for form in forms if images or not form.channels_last]
        for form in [AS_WRITTEN, *(form for form in forms if form is not AS_WRITTEN)]:
            yield Contestant(network, form, partial(_copied, network.module, form, settings))
        if network.arch is not None:
            for form in chosen(REWRITTEN, settings.targets, settings.kind, settings.purpose):
                yield Contestant(network, form, partial(_rewritten, network, form, settings))


def _fresh(arch: Architecture, settings: Settings) -> nn.Module:
    torch.manual_seed(0)
    return settle(arch.build().to(settings.device), list(arch.inputs.values()), settings.device)


def _peer(peer: Peer, ours: nn.Module, arch: Architecture, settings: Settings) -> nn.Module:
    theirs = peer.build().to(settings.device)
    try:
        map_weights(ours, theirs, list(arch.inputs.values())).give(ours, theirs)
    except MappingError as error:
        raise BenchError(
            f"{arch.model} and {peer.name} are not the same network: {error}",
            "`archdsl verify --against` says where they differ",
        ) from None
    return theirs


def _spec(name: str, arch: Architecture, known: list[Network], settings: Settings) -> Network:
    theirs = _fresh(arch, settings)
    try:
        map_weights(known[0].module, theirs, list(arch.inputs.values())).give(known[0].module, theirs)
    except MappingError:
        return Network(len(known), name, theirs, arch, len(known))
    return Network(len(known), name, theirs, arch, 0)


def _name_of(other: Peer | Architecture, known: list[Network]) -> str:
    if isinstance(other, Peer):
        return other.name
    taken = {network.name for network in known}
    return f"{other.source_name}:{other.model}" if other.model in taken else other.model


def _copied(module: nn.Module, form: Form, settings: Settings) -> nn.Module:
    """A module of its own. Where weights stay as they are, in evaluation without another format, they are shared."""
    shared: dict[int, object] = {}
    if settings.purpose == "inference" and not form.channels_last and settings.dtype == "float32":
        shared = {id(one): one for one in (*module.parameters(), *module.buffers())}
    return copy.deepcopy(module, shared).to(settings.number)


def _rewritten(network: Network, form: Form, settings: Settings) -> nn.Module:
    assert network.arch is not None
    target = "compile" if form.compiled else form.target
    return rewritten(network.arch, target, network.module.state_dict(), settings)


def _shown(arch: Architecture) -> str:
    return ", ".join("×".join(map(str, shape)) for shape in arch.inputs.values())
