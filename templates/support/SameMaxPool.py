class SameMaxPool(SamePadding):
    """A max pool padded as TensorFlow's `SAME`: ceil(input / stride) positions leave."""

    def forward(self, x: Tensor) -> Tensor:
        return padded_max(x, self.pad(x), self.kernel_size, self.stride, self.dilation)
