class SameAvgPool(SamePadding):
    """A mean pool padded as TensorFlow's `SAME`: ceil(input / stride) positions leave."""

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        count_include_pad: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride)
        self.count_include_pad = count_include_pad

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.mean(x)
        if self.count_include_pad:
            return y
        return y / self.mean(x.new_ones(1, 1, *x.shape[2:]))  # the share of the input in a window

    def mean(self, x: torch.Tensor) -> torch.Tensor:
        pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[x.dim() - 3]
        y: torch.Tensor = pool(self.padded(x, 0.0), self.kernel_size, self.stride)
        return y
