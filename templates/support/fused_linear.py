def fused_linear(
    x: Tensor, weight: Tensor, bias: Tensor | None, packed: Packed, activation: str = ""
) -> Tensor:
    """A linear layer and an activation; a single row is read fastest as it is."""
    rows = x.numel() // x.shape[-1]
    if rows < 2 or not onednn_runs(x, weight, bias):
        return activated(F.linear(x, weight, bias), activation)
    matrix = packed.of(weight, lambda weight: torch.ops.mkldnn._reorder_linear_weight(weight, rows))
    name, constants = onednn_activation(activation)
    y: Tensor = torch.ops.mkldnn._linear_pointwise(x, matrix, bias, name, constants, "none")
    return y
