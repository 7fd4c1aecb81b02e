class PaddedAvgPool(nn.Module):
    """A mean pool with its own padding for each side: `pad` is as F.pad takes it."""

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        pad: tuple[int, ...] = (),
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.pad = pad
        self.count_include_pad = count_include_pad

    def forward(self, x: Tensor) -> Tensor:
        return padded_mean(x, self.pad, self.kernel_size, self.stride, self.count_include_pad)

    def extra_repr(self) -> str:
        return f"{self.kernel_size}, stride={self.stride}, pad={self.pad}"
