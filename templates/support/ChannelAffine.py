class ChannelAffine(nn.Module):
    """A factor and a constant for each channel of a map; `rank` counts its axes with theirs."""

    scale: Tensor
    shift: Tensor

    def __init__(self, channels: int, rank: int = 3) -> None:
        super().__init__()
        self.register_buffer("scale", torch.ones(channels, *[1] * (rank - 1)))
        self.register_buffer("shift", torch.zeros(channels, *[1] * (rank - 1)))

    def forward(self, x: Tensor) -> Tensor:
        return torch.addcmul(self.shift, x, self.scale)
