"""A checkpoint of a network as it is trained becomes one of its module for inference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archdsl.checkpoints.pytorch import stored
from archdsl.checkpoints.tensors import CheckpointError, Stored, tensor

#: What the weights of a module for inference bear: a tensor that tells how they were folded.
MARK = "folds_mark"


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
