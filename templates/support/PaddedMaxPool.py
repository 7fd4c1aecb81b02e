class PaddedMaxPool(nn.Module):
    """A max pool with its own padding for each side: `pad` is as F.pad takes it."""

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        pad: tuple[int, ...] = (),
        dilation: int | tuple[int, ...] = 1,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.pad = pad
        self.dilation = dilation

    def forward(self, x: Tensor) -> Tensor:
        return padded_max(x, self.pad, self.kernel_size, self.stride, self.dilation)

    def extra_repr(self) -> str:
        return f"{self.kernel_size}, stride={self.stride}, pad={self.pad}, dilation={self.dilation}"
