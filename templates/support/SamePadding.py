class SamePadding(nn.Module):
    """What pads as TensorFlow's `SAME`: ceil(input / stride) windows fit."""

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        dilation: int | tuple[int, ...] = 1,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.dilation = dilation

    def pad(self, x: torch.Tensor) -> list[int]:
        rank = x.dim() - 2
        windows = (self.kernel_size, self.stride, self.dilation)
        spread = (n if isinstance(n, tuple) else (n,) * rank for n in windows)
        pad: list[int] = []
        for size, kernel, stride, dilation in zip(x.shape[2:], *spread):
            span = dilation * (kernel - 1) + 1
            total = max((-(-size // stride) - 1) * stride + span - size, 0)
            pad = [total // 2, total - total // 2, *pad]  # F.pad takes the last axis first
        return pad

    def extra_repr(self) -> str:
        return f"{self.kernel_size}, stride={self.stride}, dilation={self.dilation}"
