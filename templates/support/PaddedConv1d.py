class PaddedConv1d(nn.Conv1d):
    """A convolution with its own padding for each side: `pad` is as F.pad takes it."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        pad: tuple[int, ...] = (),
        dilation: int = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, 0, dilation, groups, bias)
        self.pad = pad

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, self.pad)
        return F.conv1d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)
