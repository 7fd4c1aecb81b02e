def fold_factor(weights: dict[str, Tensor], layer: str, factor: float, offset: float = 0.0) -> None:
    """Let a linear map give factor * y + offset."""
    weights[f"{layer}.weight"] = weights[f"{layer}.weight"] * factor
    if f"{layer}.bias" in weights:
        weights[f"{layer}.bias"] = weights[f"{layer}.bias"] * factor + offset
