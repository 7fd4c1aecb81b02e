def without_affine(weights: dict[str, Tensor], norm: str) -> None:
    """Give a batch norm that learns nothing the weight and the bias that it has in effect."""
    weights[f"{norm}.weight"] = torch.ones_like(weights[f"{norm}.running_mean"])
    weights[f"{norm}.bias"] = torch.zeros_like(weights[f"{norm}.running_mean"])
