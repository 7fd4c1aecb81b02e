def fold_clamp(
    weights: Weights,
    norm: str,
    layers: tuple[str, ...],
    eps: float,
    least: float = 0.0,
    most: float = float("inf"),
) -> None:
    """Make bounds of a batch norm and a clamp behind it; the layers that follow take the rest.

    A channel becomes a constant where it is one, but for rounding, for all numbers of the module's
    type within 2**15 standard deviations of the mean: its bounds would lie beyond them.
    """
    scale, shift = scale_and_shift(weights, norm, eps)
    mean, variance = (weights[f"{norm}.running_{name}"] for name in ("mean", "var"))
    reach = (mean.abs() + 2**15 * torch.sqrt(variance + eps)).clamp(max=weights.largest)
    low, high = ((shift + side * scale.abs() * reach).clamp(least, most) for side in (-1, 1))
    flat = high - low <= 2**-53 * shift.abs()
    scale = torch.where(flat, 0.0, scale)
    shift = torch.where(flat, shift.clamp(least, most), shift)
    bounds = [torch.where(flat, 0.0, (bound - shift) / scale) for bound in (least, most)]
    weights[f"{norm}.lower"] = torch.minimum(*bounds)[:, None, None]
    weights[f"{norm}.upper"] = torch.maximum(*bounds)[:, None, None]
    for layer in layers:
        take_affine(weights, layer, scale, shift)
