def fold_affine_norm(weights: dict[str, Tensor], norm: str, eps: float, rank: int) -> None:
    """Make a factor and a constant of each channel of a batch norm."""
    for name, vector in zip(("scale", "shift"), scale_and_shift(weights, norm, eps), strict=True):
        weights[f"{norm}.{name}"] = vector.view(len(vector), *[1] * (rank - 1))
