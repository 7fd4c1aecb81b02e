"""What lies around the weights in a checkpoint: dicts in dicts, and names that wrappers put in front."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archdsl.checkpoints.tensors import CheckpointError

#: Where training scripts put the weights; the first that is there is taken.
_ENTRIES = (
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "network",
    "net",
    "module",
    "params",
    "weights",
    "params_ema",
    "state_dict_ema",
    "ema_state_dict",
    "model_ema",
    "ema",
)
#: Names of wrappers in front of all keys.
_IN_FRONT = ("module.", "model.", "_orig_mod.")
#: Names of wrappers that stand anywhere in a key.
_ANYWHERE = ("_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.")
#: Dicts in dicts are looked into so deep.
_DEPTH = 4


def weights_in(found: Any, entry: str | None, name: str, is_tensor: Any) -> tuple[dict[str, Any], list[str]]:
    """The entries of the dict with the weights, and what was said of the way there. Raises CheckpointError.

    `entry` is the dict that a user names, dots between dicts in dicts.
    """
    notes: list[str] = []
    if entry is not None:
        for part in [entry] if isinstance(found, Mapping) and entry in found else entry.split("."):
            if not isinstance(found, Mapping) or part not in found:
                there = ", ".join(f"`{key}`" for key in _dicts(found, is_tensor)) or "none"
                raise CheckpointError(f"`{name}` has no entry `{entry}`", f"entries with weights: {there}")
            found = found[part]
        notes.append(f"the weights are those of the entry `{entry}`")
    for _ in range(_DEPTH):
        if not isinstance(found, Mapping):
            raise CheckpointError(f"`{name}` holds no dict of weights, but {_kind(found)}")
        if any(is_tensor(value) for value in found.values()):
            break
        chosen, others = _choose(found, name, is_tensor)
        notes.append(f"the weights are those of the entry `{chosen}`")
        if others:
            there = ", ".join(f"`{other}`" for other in others)
            notes.append(f"other entries have weights too: {there}; `--entry` names another")
        found = found[chosen]
    return {str(key): value for key, value in found.items()}, notes


def _dicts(found: Any, is_tensor: Any) -> list[str]:
    """Entries with dicts that have weights, at any depth below."""
    if not isinstance(found, Mapping):
        return []
    return [str(key) for key, value in found.items() if _holds(value, is_tensor, _DEPTH)]


def _holds(value: Any, is_tensor: Any, depth: int) -> bool:
    if not isinstance(value, Mapping) or depth == 0:
        return False
    return any(is_tensor(one) or _holds(one, is_tensor, depth - 1) for one in value.values())


def _choose(found: Mapping[Any, Any], name: str, is_tensor: Any) -> tuple[str, list[str]]:
    there = _dicts(found, is_tensor)
    known = [entry for entry in _ENTRIES if entry in there]
    weights = [entry for entry in there if "optim" not in entry.lower()]
    if known:
        return known[0], [entry for entry in weights if entry != known[0]]
    if len(weights) == 1:
        return weights[0], []
    if not weights:
        raise CheckpointError(f"`{name}` holds no weights")
    named = ", ".join(f"`{entry}`" for entry in weights)
    raise CheckpointError(
        f"`{name}` has several entries with weights: {named}", "`--entry` names that with the weights"
    )


def strip(keys: Iterable[str], scalars: Iterable[str] = ()) -> list[tuple[str, dict[str, str]]]:
    """Keys without the names of wrappers, by the keys as they are: each step with what is said of it, and the first
    without any. `scalars` are keys of single numbers, which a wrapper may have of its own."""
    short = {key: key for key in keys}
    own = set(scalars)
    steps = [("", short)]
    for word in _ANYWHERE:
        inside = {key: _without(value, word) for key, value in short.items()}
        if inside != short and len(set(inside.values())) == len(inside):
            short = inside
            steps.append((f"`{word}` is taken out of the keys", short))
    again = True
    while again:
        again = False
        for word in _IN_FRONT:
            with_it = [key for key, value in short.items() if value.startswith(word)]
            if with_it and all(key in own for key in short if not short[key].startswith(word)):
                short = short | {key: short[key].removeprefix(word) for key in with_it}
                steps.append((f"`{word}` is taken off the front of the keys", short))
                again = True
    return steps


def _without(key: str, word: str) -> str:
    """A key without a wrapper's name, where that is a whole part of it."""
    return ("." + key).replace("." + word, ".").removeprefix(".")


def _kind(value: Any) -> str:
    noun = type(value).__name__
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"
