class ChannelLayerNorm(nn.LayerNorm):
    """Layer normalisation over the channels of `[B, C, ...]`, at each position."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.movedim(-1, 1)
