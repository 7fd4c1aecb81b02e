"""What a module is compiled for, and what was done for it."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.records import record

PURPOSES = ("inference", "training")
TARGETS = ("eager", "compile", "cuda-graph")


class PlanError(ValueError):
    """A plan asks for what there is not; `help` says what there is."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(f"{message}: {help}" if help else message)
        self.message = message
        self.help = help


@record
class Plan:
    """What a module is to be good at. Without a plan it is the network as it is written.

    - `purpose`: `inference`, the same function in less time; or `training`, the same step in less memory
    - `target`: what runs it: PyTorch as it is (`eager`), `torch.compile` (`compile`) or CUDA graphs (`cuda-graph`)
    - `passes`: rewrites to use instead of those that the target profits from, as words that are taken in order: the
      name of one, which is then done even where it is not expected to pay; `-name`, all but that; `all` and `none`.
      None leaves the choice
    - `checkpoint`: blocks that are computed again in the backward pass
    """

    purpose: str = "inference"
    target: str = "eager"
    passes: tuple[str, ...] | None = None
    checkpoint: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises PlanError for a purpose or a target that there is not."""
        for what, value, known in (("purpose", self.purpose, PURPOSES), ("target", self.target, TARGETS)):
            if value not in known:
                raise PlanError(f"there is no {what} {value!r}", f"it is one of {', '.join(known)}")

    def __str__(self) -> str:
        parts = [f"for {self.purpose}", f"target {self.target}"]
        parts += [f"passes {','.join(self.passes)}"] if self.passes is not None else []
        return ", ".join([*parts, *(f"checkpoint {block}" for block in self.checkpoint)])


@record
class Done:
    """One change: the place in the network, what was done there, and what it should save for one sample.

    `macs` are multiply-accumulates, `values` elements that are no longer read or written, or in training no longer kept
    for the backward pass, `calls` kernels that no longer run.
    """

    path: str
    what: str
    macs: int = 0
    values: int = 0
    calls: int = 0


@record
class Told:
    """What came of a pass.

    `done` is what it changed, and `left` what it could have changed and did not, since it would not pay. `why` says for
    what reason the pass did not run, and is empty where it ran.
    """

    name: str
    done: tuple[Done, ...] = ()
    left: tuple[Done, ...] = ()
    why: str = ""


@record
class Rewritten:
    """A network before it was rewritten: its trained weights and multiply-accumulates; the passes that changed it."""

    params: int
    macs: int
    passes: tuple[str, ...]


@record
class Spent:
    """What a network takes for one sample in evaluation: multiply-accumulates, elements of activations that its layers
    read and write, and layers that compute something, which are about as many kernels."""

    macs: int
    values: int
    calls: int


@record
class Explained:
    """A module that was compiled: for what, what the network took and takes, and what came of each pass.

    `kept` are the bytes that autograd keeps for the backward pass of one sample, as written and compiled: of training
    alone, and where it is not the choice of `torch.compile`.
    """

    spec: str
    model: str
    plan: Plan
    before: Spent
    after: Spent
    told: Sequence[Told]
    kept: tuple[int, int] | None = None
