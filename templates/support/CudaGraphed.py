class CudaGraphed(nn.Module):
    """A network whose calls on a GPU are recorded, once for each shape, and replayed from then on.

    Elsewhere, with gradients, with arguments by name, and under `torch.compile` it is called as any
    other. The weights are read where they lie: their values may change; moving or loading them
    forgets what is recorded, putting another module in the place of one does not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.recorded: dict[object, tuple[torch.cuda.CUDAGraph, list[Tensor], Any]] = {}

    def __call__(self, *inputs: Tensor, **named: Tensor) -> Any:
        plain = watched()
        if torch.is_grad_enabled():
            plain = plain or any(x.requires_grad for x in (*inputs, *self.parameters()))
        if named or plain or not all(x.is_cuda for x in inputs):
            return super().__call__(*inputs, **named)
        autocast = torch.is_autocast_enabled("cuda") and torch.get_autocast_dtype("cuda")
        key = (autocast, *((x.shape, x.stride(), x.dtype, x.device) for x in inputs))
        if key not in self.recorded:
            with torch.cuda.device(inputs[0].device), torch.inference_mode(False):
                self.recorded[key] = self.record(inputs)
        graph, places, given = self.recorded[key]
        with torch.cuda.device(inputs[0].device), torch.no_grad():
            for place, x in zip(places, inputs, strict=True):
                place.copy_(x)
            graph.replay()
            return torch.utils._pytree.tree_map(torch.clone, given)

    @torch.no_grad()
    def record(self, inputs: tuple[Tensor, ...]) -> tuple[torch.cuda.CUDAGraph, list[Tensor], Any]:
        """Call it a few times, so that its kernels are chosen, and then under a recorder."""
        places = [x.clone() for x in inputs]
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                super().__call__(*places)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            given = super().__call__(*places)
        return graph, places, given

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        self.recorded.clear()
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        return self

    def load_state_dict(self, *given: Any, **named: Any) -> Any:
        self.recorded.clear()
        return super().load_state_dict(*given, **named)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "recorded": {}}  # type: ignore[no-untyped-call]
