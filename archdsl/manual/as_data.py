"""The reference for programs."""

from __future__ import annotations

from typing import Any

from archdsl.manual.entry import Entry, Sample


def as_data(entry: Entry) -> dict[str, Any]:
    """An entry as an object of JSON; keys that say nothing of it are left out."""
    data: dict[str, Any] = {
        "name": entry.name,
        "group": entry.group,
        "signature": entry.signature,
        "doc": entry.doc,
        "join": entry.join,
        "parameters": [
            {
                "name": parameter.name,
                "takes": parameter.takes,
                "required": parameter.default is None,
                "default": parameter.default,
                "doc": parameter.doc,
            }
            for parameter in entry.parameters
        ],
    }
    if entry.rule:
        data["shape"] = {"rule": entry.rule, **_formula(entry)}
        data["params"] = entry.trained
        data["macs"] = entry.cost
    if entry.samples:
        data["examples"] = [_sample(sample) for sample in entry.samples]
    if entry.uses:
        data["taken_by"] = [
            {"name": owner, "parameter": use.parameter} for use in entry.uses for owner in use.owners
        ]
    return data


def _formula(entry: Entry) -> dict[str, Any]:
    if entry.formula is None:
        return {}
    where = [
        {"names": let.names, "value": let.value, "when": let.when or None, "each_axis": let.each}
        for let in entry.formula.where
    ]
    return {"arrives": entry.formula.arrives, "leaves": entry.formula.leaves, "where": where}


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "text": sample.text,
        "inputs": [list(x.dims) for x in sample.arriving],
        "tokens": any(x.tokens for x in sample.arriving),
        "outputs": [list(y.dims) for y in sample.leaving],
        "params": sample.params,
        "macs": sample.macs,
        "torch": list(sample.torch),
    }
