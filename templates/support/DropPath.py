class DropPath(nn.Module):
    """Stochastic depth: in training, each sample is zeroed with probability `p`."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training or self.p == 0:
            return x
        keep = x.new_empty((x.shape[0],) + (1,) * (x.dim() - 1)).bernoulli_(1 - self.p)
        return x * keep if self.p == 1 else x * keep / (1 - self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}"
