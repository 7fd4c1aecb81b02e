"""A checkpoint of a network as it is trained becomes one of its module for inference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archdsl.checkpoints.pytorch import stored
from archdsl.checkpoints.tensors import Checkpoint, CheckpointError, Stored, tensor

#: What the weights of a module for inference bear: a tensor that tells how they were folded.
MARK = "folds_mark"


def check_trained(checkpoint: Checkpoint, build: Callable[[], Any] | None = None, command: str = "") -> None:
    """Raises CheckpointError where a file holds what was folded for inference, and no weights of a training.

    `build` makes the module that it is to be folded for, and `command` writes.
    """
    mark = next((one for key, one in checkpoint.tensors.items() if key.rpartition(".")[2] == MARK), None)
    if mark is None:
        return
    if build is None:
        raise CheckpointError(
            f"`{checkpoint.name}` is folded for inference already: the weights as they are trained are not in it",
            "`--weights` names the checkpoint of the training; this file is for `load_state_dict` of the module that "
            "`compile --for inference` writes",
        )
    own = getattr(build(), MARK, None)
    if own is not None and own.tolist() == tensor(mark).tolist():
        raise CheckpointError(
            f"`{checkpoint.name}` is folded already, for what `{command}` writes",
            "there is nothing to do: `load_state_dict` of that module takes the file as it is",
        )
    raise CheckpointError(
        f"`{checkpoint.name}` is folded already, in another way than for what `{command}` writes",
        "`--weights` names the checkpoint of the training",
    )


def folded(net: Any, tensors: Mapping[str, Stored]) -> dict[str, Stored]:
    """What a module for inference makes of the weights of its network as it is trained.

    Single precision, which the module has; double where a weight has it. Raises CheckpointError where the module does
    not take them.
    """
    if any(one.dtype == "F64" for one in tensors.values()):
        net = net.double()
    try:
        net.load_trained({key: tensor(one) for key, one in tensors.items()})
    except RuntimeError as error:
        raise CheckpointError(str(error)) from None
    made: dict[str, Stored] = {}
    for key, value in net.state_dict().items():
        one = stored(value)
        if isinstance(one, str):
            raise CheckpointError(f"`{key}` cannot be written: {one}")
        made[key] = one
    return made
