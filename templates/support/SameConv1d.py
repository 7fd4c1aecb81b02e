class SameConv1d(nn.Conv1d):
    """A convolution padded as TensorFlow's `SAME`: ceil(input / stride) positions leave."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pad: list[int] = []
        windows = zip(x.shape[2:], self.kernel_size, self.stride, self.dilation)
        for size, kernel, stride, dilation in windows:
            span = dilation * (kernel - 1) + 1
            total = max((-(-size // stride) - 1) * stride + span - size, 0)
            pad = [total // 2, total - total // 2, *pad]  # F.pad takes the last axis first
        return super().forward(F.pad(x, pad))
