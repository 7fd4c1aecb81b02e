def scale_and_shift(weights: dict[str, Tensor], norm: str, eps: float) -> tuple[Tensor, Tensor]:
    """A batch norm in evaluation as a factor and a summand for each channel."""
    scale = weights[f"{norm}.weight"] / torch.sqrt(weights[f"{norm}.running_var"] + eps)
    return scale, weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
