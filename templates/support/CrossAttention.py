class CrossAttention(nn.Module):
    """Multi-head attention of a query to keys and their values (Vaswani et al., 2017).

    All are `[B, ..., N, C]`, and axes before the last two are batch. `keys` and `values` are the
    features of these. The weights are named as those of `nn.MultiheadAttention`.
    """

    def __init__(
        self,
        features: int,
        heads: int,
        keys: int,
        values: int,
        width: int | None = None,
        bias: bool = True,
        out_bias: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        width = features if width is None else width
        self.heads = heads
        self.dropout = dropout
        self.joint = keys == values == features
        if self.joint:
            self.in_proj_weight = nn.Parameter(torch.empty(3 * width, features))
            nn.init.xavier_uniform_(self.in_proj_weight)
        else:
            self.q_proj_weight = nn.Parameter(torch.empty(width, features))
            self.k_proj_weight = nn.Parameter(torch.empty(width, keys))
            self.v_proj_weight = nn.Parameter(torch.empty(width, values))
            for weight in (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
                nn.init.xavier_uniform_(weight)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width)) if bias else None
        self.out_proj = nn.Linear(width, features, out_bias)
        if out_bias:
            nn.init.zeros_(self.out_proj.bias)

    def forward(self, query: Tensor, key: Tensor, value: Tensor | None = None) -> Tensor:
        if self.joint:
            q_weight, k_weight, v_weight = self.in_proj_weight.chunk(3)
        else:
            q_weight, k_weight = self.q_proj_weight, self.k_proj_weight
            v_weight = self.v_proj_weight
        q_bias, k_bias, v_bias = None, None, None
        if self.in_proj_bias is not None:
            q_bias, k_bias, v_bias = self.in_proj_bias.chunk(3)
        q = self.project(query, q_weight, q_bias)
        k = self.project(key, k_weight, k_bias)
        v = self.project(key if value is None else value, v_weight, v_bias)
        dropout = self.dropout if self.training else 0.0
        attended = F.scaled_dot_product_attention(q, k, v, dropout_p=dropout)
        gathered: Tensor = self.out_proj(attended.transpose(1, 2).flatten(2))
        return torch.unflatten(gathered, 0, query.shape[:-2])

    def project(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Of each head: `[B, ..., N, C]` to `[B * ..., heads, N, width // heads]`."""
        x = F.linear(x.flatten(0, -3), weight, bias)
        return torch.unflatten(x, -1, (self.heads, -1)).transpose(1, 2)

    def extra_repr(self) -> str:
        return f"heads={self.heads}, dropout={self.dropout}"
