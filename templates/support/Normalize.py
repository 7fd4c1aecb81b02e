class Normalize(nn.Module):
    """Division by the norm along one dimension."""

    def __init__(self, dim: int = 1, p: float = 2.0, eps: float = 1e-12) -> None:
        super().__init__()
        self.dim = dim
        self.p = p
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(x, p=self.p, dim=self.dim, eps=self.eps)
