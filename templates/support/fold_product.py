def fold_product(weights: dict[str, Tensor], parameter: str, factor: str | float) -> None:
    """Take a factor, or the parameter that is one, into another parameter."""
    by = weights[factor] if isinstance(factor, str) else factor
    weights[parameter] = weights[parameter] * by
