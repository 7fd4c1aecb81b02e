class SameMaxPool(SamePadding):
    """A max pool padded as TensorFlow's `SAME`: ceil(input / stride) positions leave."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[x.dim() - 3]
        x = self.padded(x, float("-inf"))
        y: torch.Tensor = pool(x, self.kernel_size, self.stride, 0, self.dilation)
        return y
