class SameAvgPool(SamePadding):
    """A mean pool padded as TensorFlow's `SAME`: ceil(input / stride) positions leave."""

    def __init__(
        self,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] | None = None,
        count_include_pad: bool = False,
        rank: int = 2,
    ) -> None:
        super().__init__(kernel_size, stride, rank=rank)
        self.count_include_pad = count_include_pad

    def forward(self, x: Tensor) -> Tensor:
        return padded_mean(x, self.pad(x), self.kernel_size, self.stride, self.count_include_pad)
