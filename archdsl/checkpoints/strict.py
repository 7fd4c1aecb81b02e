"""A checkpoint into a module, every key of both, or a sentence on what does not fit."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from archdsl.checkpoints.folding import check_trained
from archdsl.checkpoints.tensors import Checkpoint, CheckpointError, listed, shown, tensor
from archdsl.diagnostics.near import nearest

if TYPE_CHECKING:
    import torch

_PORT = "`archdsl port` maps checkpoints with other keys"


def load_strictly(net: torch.nn.Module, checkpoint: Checkpoint, spare: Collection[str] = ()) -> None:
    """Give a module the weights of a checkpoint, as `load_state_dict(strict=True)` does. Raises CheckpointError with
    what does not fit, and then the module is as it was. Of the modules at the paths `spare` weights may be missing."""
    state = net.state_dict()
    checkpoint = checkpoint.seen_by(state)
    check_trained(checkpoint)
    stored = checkpoint.tensors
    if checkpoint.refused:
        key, why = next(iter(checkpoint.refused.items()))
        raise CheckpointError(f"`{key}` of `{checkpoint.name}` is not read: {why}")
    paths = set(spare)
    missing = [key for key in state if key not in stored and not _is_within(key, paths)]
    unknown = [key for key in stored if key not in state]
    if missing or unknown:
        said = [f"the module's {listed(missing)} are not in it"] if missing else []
        said += [f"its {listed(unknown)} are not in the module"] if unknown else []
        raise CheckpointError(
            f"`{checkpoint.name}` does not fit: {', and '.join(said)}", _near(missing, unknown) + _PORT
        )
    there = [key for key in state if key in stored]
    wrong = [key for key in there if tuple(state[key].shape) != stored[key].shape]
    if wrong:
        key = wrong[0]
        more = f", and {len(wrong) - 1} more have other shapes" if wrong[1:] else ""
        raise CheckpointError(
            f"`{checkpoint.name}` does not fit: `{key}` is {shown(state[key].shape)} in the module and "
            f"{shown(stored[key].shape)} in the file{more}",
            "`--set` gives the network other parameters" if not wrong[2:] else _PORT,
        )
    net.load_state_dict({key: tensor(stored[key]) for key in there}, strict=len(there) == len(state))


def _is_within(key: str, paths: Collection[str]) -> bool:
    """Whether a key is one of the paths, or below one."""
    return key in paths or ("." in key and _is_within(key.rpartition(".")[0], paths))


def _near(missing: list[str], unknown: list[str]) -> str:
    """The first key that is not there, and one of the file that is nearly the same."""
    for key in missing:
        if near := nearest(key, unknown):
            return f"`{near[0]}` may be the module's `{key}`; "
    return ""
