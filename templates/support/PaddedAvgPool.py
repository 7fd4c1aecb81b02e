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

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.mean(x)
        if self.count_include_pad:
            return y
        return y / self.mean(x.new_ones(1, 1, *x.shape[2:]))  # the share of the input in a window

    def mean(self, x: torch.Tensor) -> torch.Tensor:
        pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[x.dim() - 3]
        y: torch.Tensor = pool(F.pad(x, self.pad), self.kernel_size, self.stride)
        return y

    def extra_repr(self) -> str:
        return f"{self.kernel_size}, stride={self.stride}, pad={self.pad}"
