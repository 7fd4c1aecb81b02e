class Pointwise(nn.Module):
    """A function of torch applied to each value: `abs`, `square`, `sqrt`, `exp` or `log`."""

    def __init__(self, function: str) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = getattr(torch, self.function)(x)
        return y

    def extra_repr(self) -> str:
        return self.function
