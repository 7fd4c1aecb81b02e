def fold_norm(weights: dict[str, Tensor], layer: str, norm: str, eps: float) -> None:
    """Take a batch norm into the weight and the bias of the linear map before it."""
    scale, shift = scale_and_shift(weights, norm, eps)
    weight = weights[f"{layer}.weight"]
    weights[f"{layer}.weight"] = weight * scale.view(len(weight), *[1] * (weight.dim() - 1))
    weights[f"{layer}.bias"] = weights.get(f"{layer}.bias", 0) * scale + shift
