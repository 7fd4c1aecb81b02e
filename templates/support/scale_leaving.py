def scale_leaving(
    weights: dict[str, Tensor],
    layer: str,
    scale: Tensor,
    shift: Tensor | float,
    transposed: bool = False,
) -> None:
    """Let a linear map give scale * y + shift of each channel; those may be its second axis."""
    weight = weights[f"{layer}.weight"]
    rest = [1] * (weight.dim() - 1)
    if transposed:
        by_group = weight.view(len(scale) // weight.shape[1], -1, *weight.shape[1:])
        scaled = by_group * scale.view(len(by_group), 1, weight.shape[1], *rest[1:])
        weights[f"{layer}.weight"] = scaled.view_as(weight)
    else:
        weights[f"{layer}.weight"] = weight * scale.view(len(weight), *rest)
    weights[f"{layer}.bias"] = weights.get(f"{layer}.bias", 0) * scale + shift
