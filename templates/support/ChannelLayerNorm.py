class ChannelLayerNorm(nn.LayerNorm):
    """Layer normalisation over the channels of `[B, C, ...]`, at each position."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
