"""What to measure, and how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

#: What is computed with, by its name.
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
#: Seconds of rounds for one size of the batch, and how many rounds there are at least and at most in them.
SECONDS = 20.0
FEWEST, MOST = 7, 99


class BenchError(Exception):
    """What was asked for cannot be measured. `help` says what to do."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


@dataclass(frozen=True, slots=True)
class Settings:
    """`threads` None is PyTorch's own number; `rounds` are as many as `seconds` leave time for, or so many.

    With both, rounds end by what comes first. `passes` and `checkpoint` are those of a Plan. `say` is told what is
    going on.
    """

    device: str = "cpu"
    batches: tuple[int, ...] = (1,)
    purpose: str = "inference"
    targets: tuple[str, ...] = ("eager",)
    passes: tuple[str, ...] | None = None
    checkpoint: tuple[str, ...] = ()
    dtype: str = "float32"
    threads: tuple[int, ...] | None = None
    rounds: int | None = None
    seconds: float | None = None
    say: Callable[[str], None] = lambda text: None

    @property
    def kind(self) -> str:
        """`cpu` or `cuda`."""
        return torch.device(self.device).type

    @property
    def number(self) -> torch.dtype:
        return DTYPES[self.dtype]

    @property
    def fewest(self) -> int:
        """Rounds that there are in any case."""
        if self.rounds is None:
            return FEWEST
        return self.rounds if self.seconds is None else 1

    @property
    def most(self) -> int:
        return MOST if self.rounds is None else self.rounds

    @property
    def limit(self) -> float:
        """Seconds after which no round begins that need not be."""
        return SECONDS if self.seconds is None else self.seconds
