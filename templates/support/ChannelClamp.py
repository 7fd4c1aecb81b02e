class ChannelClamp(nn.Module):
    """Holds each channel of images between two bounds of its own."""

    lower: Tensor
    upper: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("lower", torch.zeros(channels, 1, 1))
        self.register_buffer("upper", torch.full((channels, 1, 1), float("inf")))

    def forward(self, x: Tensor) -> Tensor:
        return torch.clamp(x, self.lower, self.upper)
