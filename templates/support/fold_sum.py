def fold_sum(weights: dict[str, Tensor], parameter: str, other: str) -> None:
    """Add one parameter to another."""
    weights[parameter] = weights[parameter] + weights[other]
