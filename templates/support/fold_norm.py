def fold_norm(
    weights: dict[str, Tensor], layer: str, norm: str, eps: float, transposed: bool = False
) -> None:
    """Take a batch norm into the weight and the bias of the linear map before it."""
    scale, shift = scale_and_shift(weights, norm, eps)
    scale_leaving(weights, layer, scale, shift, transposed)
