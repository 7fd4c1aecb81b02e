def scale_and_shift(weights: dict[str, Tensor], norm: str, eps: float) -> tuple[Tensor, Tensor]:
    """A batch norm in evaluation as a factor and a summand for each channel."""
    names = ("weight", "bias", "running_mean", "running_var")
    weight, bias, mean, variance = torch.stack([weights[f"{norm}.{name}"] for name in names])
    scale = weight / torch.sqrt(variance + eps)
    return scale, bias - mean * scale
