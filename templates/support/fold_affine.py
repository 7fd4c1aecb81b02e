def fold_affine(
    weights: dict[str, Tensor], layer: str, affine: str, transposed: bool = False
) -> None:
    """Take a learned weight and bias of each channel into the linear map before them."""
    scale, shift = weights[f"{affine}.weight"], weights.get(f"{affine}.bias", 0.0)
    scale_leaving(weights, layer, scale, shift, transposed)
