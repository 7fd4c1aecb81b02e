def take_affine(weights: dict[str, Tensor], layer: str, scale: Tensor, shift: Tensor) -> None:
    """Let an unpadded convolution or a linear layer take scale * x + shift of each channel x."""
    weight = weights[f"{layer}.weight"]
    groups = scale.numel() // weight.shape[1]
    along = (groups, 1, -1, *[1] * (weight.dim() - 2))
    by_group = weight.view(groups, -1, *weight.shape[1:])
    constant = (by_group * shift.view(along)).flatten(2).sum(dim=2).flatten()
    weights[f"{layer}.weight"] = (by_group * scale.view(along)).view_as(weight)
    weights[f"{layer}.bias"] = weights.get(f"{layer}.bias", 0) + constant
