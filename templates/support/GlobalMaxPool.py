class GlobalMaxPool(nn.Module):
    """The maximum of each channel over all positions: `[B, C, ...]` to `[B, C]`."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).amax(dim=2)
