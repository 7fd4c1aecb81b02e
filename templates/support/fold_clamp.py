def fold_clamp(
    weights: dict[str, Tensor],
    norm: str,
    layers: tuple[str, ...],
    eps: float,
    least: float = 0.0,
    most: float = float("inf"),
) -> None:
    """Make bounds of a batch norm and a clamp behind it; the layers that follow take the rest."""
    scale, shift = scale_and_shift(weights, norm, eps)
    flat = scale.abs() <= 1e-20 * shift.abs()  # a constant
    scale = torch.where(flat, 0.0, scale)
    shift = torch.where(flat, shift.clamp(least, most), shift)
    bounds = [torch.where(flat, 0.0, (bound - shift) / scale) for bound in (least, most)]
    weights[f"{norm}.lower"] = torch.minimum(*bounds)[:, None, None]
    weights[f"{norm}.upper"] = torch.maximum(*bounds)[:, None, None]
    for layer in layers:
        take_affine(weights, layer, scale, shift)
