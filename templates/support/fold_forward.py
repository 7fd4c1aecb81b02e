def fold_forward(
    weights: dict[str, Tensor], norm: str, layers: tuple[str, ...], eps: float
) -> None:
    """Let the layers behind a batch norm take it into their weights and biases."""
    scale, shift = scale_and_shift(weights, norm, eps)
    for layer in layers:
        take_affine(weights, layer, scale, shift)
