class FusedSelfAttention(SelfAttention):
    """SelfAttention for inference: on a CPU oneDNN runs its projections."""

    def __init__(
        self,
        features: int,
        heads: int,
        width: int | None = None,
        bias: bool = True,
        out_bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(features, heads, width, bias, out_bias, dropout)
        self.packed = Packed()
        self.packed_out = Packed()

    def forward(self, x: Tensor) -> Tensor:
        rows = x.flatten(0, -3)
        projected = fused_linear(rows, self.in_proj_weight, self.in_proj_bias, self.packed)
        split = torch.unflatten(projected, -1, (3, self.heads, -1))
        query, key, value = split.transpose(1, 3).unbind(2)
        attended = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
        gathered = fused_linear(attended, self.out_proj.weight, self.out_proj.bias, self.packed_out)
        return torch.unflatten(gathered, 0, x.shape[:-2])
