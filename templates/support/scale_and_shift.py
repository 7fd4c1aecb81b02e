def scale_and_shift(weights: dict[str, Tensor], norm: str, eps: float) -> tuple[Tensor, Tensor]:
    """A batch norm in evaluation as a factor and a summand for each channel."""
    mean, variance = weights[f"{norm}.running_mean"], weights[f"{norm}.running_var"]
    scale = weights.get(f"{norm}.weight", 1) / torch.sqrt(variance + eps)
    return scale, weights.get(f"{norm}.bias", 0) - mean * scale
