def fold_input_factor(weights: dict[str, Tensor], layer: str, factor: float) -> None:
    """Let a linear map take factor * x."""
    weights[f"{layer}.weight"] = weights[f"{layer}.weight"] * factor
