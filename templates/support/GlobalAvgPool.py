class GlobalAvgPool(nn.Module):
    """The mean of each channel over all positions: `[B, C, ...]` to `[B, C]`."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).mean(dim=2)
