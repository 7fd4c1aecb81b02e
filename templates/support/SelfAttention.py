class SelfAttention(nn.Module):
    """Multi-head attention of tokens `[B, ..., N, C]` to each other (Vaswani et al., 2017).

    Axes before the last two are batch. The weights are named as those of `nn.MultiheadAttention`.
    """

    def __init__(
        self,
        features: int,
        heads: int,
        width: int | None = None,
        bias: bool = True,
        out_bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        width = features if width is None else width
        self.heads = heads
        self.dropout = dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, features))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width)) if bias else None
        self.out_proj = nn.Linear(width, features, out_bias)
        nn.init.xavier_uniform_(self.in_proj_weight)
        if out_bias:
            nn.init.zeros_(self.out_proj.bias)

    def forward(self, x: Tensor) -> Tensor:
        projected = F.linear(x.flatten(0, -3), self.in_proj_weight, self.in_proj_bias)
        split = torch.unflatten(projected, -1, (3, self.heads, -1))
        query, key, value = split.transpose(1, 3).unbind(2)
        dropout = self.dropout if self.training else 0.0
        attended = F.scaled_dot_product_attention(query, key, value, dropout_p=dropout)
        gathered: Tensor = self.out_proj(attended.transpose(1, 2).flatten(2))
        return torch.unflatten(gathered, 0, x.shape[:-2])

    def extra_repr(self) -> str:
        return f"heads={self.heads}, dropout={self.dropout}"
