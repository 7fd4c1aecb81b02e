class SamePadding(nn.Module):
    """What pads maps of `rank` spatial axes as TensorFlow's `SAME`: ceil(input / stride) fit."""

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        dilation: int | tuple[int, ...] = 1,
        rank: int = 2,
    ) -> None:
        super().__init__()
        stride = kernel_size if stride is None else stride
        self.kernel_size = kernel_size if isinstance(kernel_size, tuple) else (kernel_size,) * rank
        self.stride = stride if isinstance(stride, tuple) else (stride,) * rank
        self.dilation = dilation if isinstance(dilation, tuple) else (dilation,) * rank

    def pad(self, x: Tensor) -> list[int]:
        return same_padding(x.shape[2:], self.kernel_size, self.stride, self.dilation)

    def extra_repr(self) -> str:
        return f"{self.kernel_size}, stride={self.stride}, dilation={self.dilation}"
