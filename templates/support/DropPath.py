class DropPath(nn.Module):
    """Stochastic depth: in training, zeroes samples ("row") or the batch with probability `p`."""

    def __init__(self, p: float, mode: str = "row") -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"the probability has to be between 0 and 1, and not {p}")
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return x
        rows = x.shape[0] if self.mode == "row" else 1
        keep = x.new_empty((rows,) + (1,) * (x.dim() - 1)).bernoulli_(1 - self.p)
        return x * keep if self.p == 1 else x * keep / (1 - self.p)

    def extra_repr(self) -> str:
        return f"p={self.p}, mode={self.mode}"
