"""What a module is compiled for, and what was done for it."""

from __future__ import annotations

from dataclasses import dataclass

PURPOSES = ("inference", "training")
TARGETS = ("eager", "compile", "cuda-graph")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a module is to be good at. Without a plan it is the network as it is written.

    - `purpose`: `inference`, the same function in less time; or `training`, the same step in less memory
    - `target`: what runs it: PyTorch as it is (`eager`), `torch.compile` (`compile`) or CUDA graphs (`cuda-graph`)
    - `passes`: names of the rewrites to use instead of those that the target profits from; None leaves the choice
    - `checkpoint`: blocks that are computed again in the backward pass
    """

    purpose: str = "inference"
    target: str = "eager"
    passes: tuple[str, ...] | None = None
    checkpoint: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for a purpose or a target that there is not."""
        for what, value, known in (("purpose", self.purpose, PURPOSES), ("target", self.target, TARGETS)):
            if value not in known:
                raise ValueError(f"there is no {what} {value!r}: it is one of {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Done:
    """One change: the place in the network, what was done there, and what it should save for one sample.

    `macs` are multiply-accumulates, `values` elements that are no longer read or written.
    """

    path: str
    what: str
    macs: int = 0
    values: int = 0
