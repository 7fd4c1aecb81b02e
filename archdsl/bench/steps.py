"""What is timed: one pass in evaluation, or one step of training, of a module in one of its forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from archdsl.bench.forms import Form
from archdsl.bench.isolation import isolate
from archdsl.verify.running import steady, tensors

#: Small, so that weights stay near those that all have at first.
RATE = 1e-4
#: Runs before a CUDA graph is captured, as PyTorch's notes on them advise.
_BEFORE_CAPTURE = 3


@dataclass(slots=True)
class Step:
    """`run` does it once, within `around`; `first` are the numbers that all forms of a network should agree in."""

    run: Callable[[], Any]
    around: Callable[[], AbstractContextManager[Any]]
    first: list[Tensor]
    #: The same, as memory is measured by it: a CUDA graph allocates when it is captured, and not when it runs. None
    #: where that cannot be told apart.
    allocating: Callable[[], Any] | None = None
    #: Of it the pass forwards of training, which gives what must be held until the pass backwards.
    forward: Callable[[], Any] | None = None
    #: graphs that `torch.compile` made; None where it was not asked
    graphs: int | None = None


def prepare(form: Form, net: nn.Module, inputs: list[Tensor], purpose: str) -> Step:
    """Make a module ready to be run in a form, which runs it for the first time. It is not the caller's any more."""
    if form.channels_last:
        net, inputs = _channels_last(net, inputs)
    compiled = form.compiled
    called: Callable[..., Any] = net
    before = graphs()
    if compiled:
        options: dict[str, Any] = {"mode": form.mode} if form.mode else {}
        called = torch.compile(isolate(net), dynamic=False, **options)
    with _freezing(form.freezing):
        make = _training if purpose == "training" else _inference
        step = make(form, net, called, inputs)
    if compiled:
        step.graphs = graphs() - before
        if not step.graphs:
            raise RuntimeError("torch.compile made no graph of its own for it")
    return step


def loss_of(result: Any) -> Tensor:
    """The mean square of each result, together: the same number whatever the order of results is."""
    return torch.stack([one.float().square().mean() for one in tensors(result)]).sum()


def _inference(form: Form, net: nn.Module, called: Callable[..., Any], inputs: list[Tensor]) -> Step:
    net.eval()
    # what is compiled may hold its weights as constants only where no gradient could be asked for
    around = torch.no_grad if form.compiled or form.captured else torch.inference_mode
    with around():
        first = [one.detach().clone() for one in tensors(called(*inputs))]
        plain = partial(called, *inputs)
        run = _captured(plain) if form.captured else plain
    return Step(run, around, first, None if form.mode else plain)


def _training(form: Form, net: nn.Module, called: Callable[..., Any], inputs: list[Tensor]) -> Step:
    steady(net)
    weights = list(net.parameters())
    optimiser = torch.optim.SGD(weights, lr=RATE)

    def gradients() -> Tensor:
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(called(*inputs))
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def run() -> Tensor:
        loss = gradients()
        optimiser.step()
        return loss

    loss = gradients()
    norm = torch.stack([w.grad.float().norm() for w in weights if w.grad is not None]).norm()
    timed = _captured(run) if form.captured else run
    if form.mode:
        return Step(timed, nullcontext, [loss.clone(), norm])
    return Step(timed, nullcontext, [loss.clone(), norm], run, lambda: loss_of(called(*inputs)))


def _channels_last(net: nn.Module, inputs: list[Tensor]) -> tuple[nn.Module, list[Tensor]]:
    """A module and its inputs in the memory format of channels last, by the axes of the inputs."""
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    known = {one.dim() for one in inputs} & formats.keys()
    if len(known) != 1:
        raise RuntimeError("channels-last is for inputs of two or three spatial axes")
    axes = known.pop()
    for part in (*net.parameters(), *net.buffers()):
        if part.dim() == axes:
            part.data = part.data.contiguous(memory_format=formats[axes])
    return net, [one.contiguous(memory_format=formats[axes]) if one.dim() == axes else one for one in inputs]


def _captured(run: Callable[[], Any]) -> Callable[[], Any]:
    """A CUDA graph of what runs on tensors that stay where they are."""
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(_BEFORE_CAPTURE):
            run()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        held = run()

    def replay() -> Any:
        graph.replay()
        return held

    return replay


def graphs() -> int:
    """How many graphs `torch.compile` has made in this process."""
    from torch._dynamo.utils import counters

    return int(counters["stats"]["unique_graphs"])


@contextmanager
def _freezing(on: bool) -> Iterator[None]:
    """Weights become constants of what is compiled meanwhile.

    Dynamo looks at the setting itself, and not at the options of `torch.compile`, where it would leave the weights
    arguments.
    """
    if not on:
        yield
        return
    import torch._inductor.config as inductor

    with inductor.patch(freezing=True):
        yield
