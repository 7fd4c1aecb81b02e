"""The generated module by itself: what it gives and costs, against what was computed without running it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from archdsl.api import Architecture
from archdsl.verify.report import Check
from archdsl.verify.running import arriving, macs, parameters, steady, tensors, watched

Row = dict[str, Any]

#: So many names stand in a line; the rest are counted.
_NAMED = 3


def hold_alone(arch: Architecture, net: nn.Module, device: str) -> Iterator[Check]:
    """Parameters, MACs, the shapes of every part and of the outputs, and that every weight learns."""
    summary = arch.summary()
    shapes = list(arch.inputs.values())
    layers: list[Row] = [data for _, data in arch.graph.nodes(data=True) if data["layer"] is not None]
    yield _parameters(summary, layers, net)
    yield _macs(summary, layers, net, shapes)

    with torch.no_grad():
        arrived = arriving(shapes, 1, device, torch.float32)
        result, seen = watched(net.eval(), lambda: net(*arrived))
    yield _outputs("outputs", result, list(summary["outputs"].values()), 1)
    yield _parts([row for row in layers if not row["training"] and not row["idle"]], net, seen, 1)

    result, seen = watched(steady(net), lambda: net(*arriving(shapes, 2, device, torch.float32)))
    more = list(summary.get("training_outputs", {}).values())
    yield _outputs("outputs in training", result, [*summary["outputs"].values(), *more], 2)
    if more:
        yield _parts([row for row in layers if row["training"]], net, seen, 2, " for training")
    yield _gradients(result, net, [row["module"] for row in layers if row["idle"] and row["module"]])


def _parameters(summary: Row, layers: list[Row], net: nn.Module) -> Check:
    """All of them; those of extern blocks that do not state theirs come on top."""
    open_ = {row["module"] for row in layers if "params" in row["uncounted"]}
    unstated = sum(parameters(net.get_submodule(path)) for path in open_)
    found = parameters(net)
    note = f"{unstated:,} more in extern blocks that do not state them" if open_ else ""
    parts = {name: parameters(part) for name, part in net.named_modules()}
    parts |= {name: part.numel() for name, part in net.named_parameters() if part.requires_grad}
    wrong = _differing(layers, "params", parts)
    if wrong:
        note = "; ".join(filter(None, (note, _some(wrong))))
    return Check(
        "parameters",
        f"{found - unstated:,}",
        f"{summary['params']:,}",
        found == summary["params"] + unstated and not wrong,
        note,
    )


def _macs(summary: Row, layers: list[Row], net: nn.Module, shapes: list[list[int]]) -> Check:
    stated = summary["macs"]
    try:
        parts = macs(net, shapes)
    except Exception as error:  # a module from elsewhere may not know a tensor without numbers
        note = f"not counted: {type(error).__name__}: {error}".split("\n")[0]
        return Check("MACs", "?", f"{stated:,}", None, note)
    found = parts[""]
    wrong = _differing(layers, "macs", parts)
    if "macs" in summary.get("uncounted", {}):
        note = f"{found - stated:,} more, extern blocks that do not state theirs among them"
        holds = found >= stated and not wrong
        return Check(
            "MACs", f"{found:,}", f"{stated:,} + ?", holds, "; ".join(filter(None, (note, _some(wrong))))
        )
    return Check("MACs", f"{found:,}", f"{stated:,}", found == stated and not wrong, _some(wrong))


def _differing(layers: list[Row], figure: str, found: Mapping[str, int]) -> list[str]:
    """The modules whose parameters or MACs are not those that the graph states, with their lines in the text."""
    stated: dict[str, int] = {}
    lines: dict[str, int] = {}
    for row in layers:
        if row["module"] is not None and figure not in row["uncounted"]:
            counts = figure == "params" or not (row["training"] or row["idle"])
            stated[row["module"]] = stated.get(row["module"], 0) + (row[figure] if counts else 0)
            lines.setdefault(row["module"], row["line"])
    return [
        f"{path} (line {lines[path]}) has {found.get(path, 0):,}, not {count:,}"
        for path, count in stated.items()
        if found.get(path, 0) != count
    ]


def _outputs(what: str, result: Any, expected: list[Any], batch: int) -> Check:
    """The shapes, in order: those for training are behind the others."""
    found = [list(tensor.shape) for tensor in tensors(result)]
    wanted = [[batch, *shape] for one in expected for shape in _flat(one)]
    finite = all(bool(torch.isfinite(tensor).all()) for tensor in tensors(result))
    note = "" if finite else "some values are not finite"
    return Check(what, _shapes(found), _shapes(wanted), found == wanted and finite, note)


def _flat(shape: list[Any]) -> list[list[int]]:
    return shape if shape and isinstance(shape[0], list) else [shape]


def _shapes(shapes: list[list[int]]) -> str:
    return ", ".join("×".join(map(str, shape)) or "scalar" for shape in shapes)


def _parts(rows: list[Row], net: nn.Module, seen: dict[str, list[Any]], batch: int, extra: str = "") -> Check:
    """Each layer that is a module of its own gave what is stated of it, as often as it stands in the graph."""
    names = {name for name, _ in net.named_modules()}
    stated: dict[str, list[list[list[int]]]] = {}
    lines = {row["module"]: row["line"] for row in rows}
    for row in rows:
        if row["module"] in names:
            given = [[batch, *shape] for shape in row["outputs"]]
            stated.setdefault(row["module"], []).append(given)
    wrong = []
    for path, expected in stated.items():
        found = [[list(tensor.shape) for tensor in call] for call in seen.get(path, [])]
        if sorted(found) != sorted(expected):
            gave = " and ".join(map(_shapes, found)) or "nothing"
            wrong.append(
                f"{path} (line {lines[path]}) gave {gave}, not {' and '.join(map(_shapes, expected))}"
            )
    return Check(
        f"layers{extra}",
        f"{len(stated) - len(wrong):,}",
        f"{len(stated):,}",
        not wrong,
        _some(wrong) if wrong else "the shape that leaves each",
    )


def _gradients(result: Any, net: nn.Module, idle: list[str]) -> Check:
    """Every weight gets a finite gradient, but those of layers that the graph knows to reach no output."""
    net.zero_grad()
    total = torch.stack([tensor.square().mean() for tensor in tensors(result)]).sum()
    if total.requires_grad:
        total.backward()  # type: ignore[no-untyped-call]
    trained = {name: part for name, part in net.named_parameters() if part.requires_grad}
    if not trained:
        return Check("gradients", "0", "0", True, "nothing is trained")
    waiting = {name for name in trained if any(name.startswith(f"{path}.") for path in idle)}
    missing = [f"{name} gets none" for name, p in trained.items() if p.grad is None and name not in waiting]
    missing += [
        f"that of {name} is not finite"
        for name, p in trained.items()
        if p.grad is not None and not bool(torch.isfinite(p.grad).all())
    ]
    wanted = len(trained) - len(waiting)
    net.zero_grad()
    note = f"{len(waiting)} of layers that reach no output apart" if waiting else ""
    return Check(
        "gradients",
        f"{wanted - len(missing):,}",
        f"{wanted:,}",
        not missing,
        _some(missing) if missing else note,
    )


def _some(lines: list[str]) -> str:
    rest = len(lines) - _NAMED
    return "; ".join(lines[:_NAMED]) + (f"; and {rest} more" if rest > 0 else "")
