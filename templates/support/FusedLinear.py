class FusedLinear(nn.Linear):
    """A linear layer and an activation: on a CPU one kernel of oneDNN."""

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, activation: str = ""
    ) -> None:
        super().__init__(in_features, out_features, bias)
        self.activation = activation
        self.packed = Packed()

    def forward(self, x: Tensor) -> Tensor:
        return fused_linear(x, self.weight, self.bias, self.packed, self.activation)

    def extra_repr(self) -> str:
        return super().extra_repr() + f", activation={self.activation!r}" * bool(self.activation)
