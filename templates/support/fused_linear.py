def fused_linear(
    x: Tensor, weight: Tensor, bias: Tensor | None, packed: Packed, activation: str = ""
) -> Tensor:
    """A linear layer and an activation; a single row, or a small matrix, is best as it is."""
    columns = weight.shape[1]
    rows = x.numel() // columns
    packs = onednn_runs(x, weight, bias) and rows > 1 and worth_onednn(rows * weight.numel())
    if not packs or x.shape[-1] != columns:
        return activated(F.linear(x, weight, bias), activation)
    matrix = packed.of(weight, lambda weight: torch.ops.mkldnn._reorder_linear_weight(weight, rows))
    name, constants = onednn_activation(activation)
    y: Tensor = torch.ops.mkldnn._linear_pointwise(x, matrix, bias, name, constants, "none")
    return y
