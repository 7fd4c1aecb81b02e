def fold_layerscale(
    weights: dict[str, Tensor], layer: str, factors: str, transposed: bool = False
) -> None:
    """Take a learned factor of each channel into the linear map before it."""
    scale_leaving(weights, layer, weights[factors].flatten(), 0.0, transposed)
