def merge_linear(weights: dict[str, Tensor], first: str, second: str, merged: str) -> None:
    """Make one linear map of two; of convolutions, one has a window of one position."""
    w, v = weights[f"{first}.weight"], weights[f"{second}.weight"]
    own = weights.get(f"{second}.bias")
    if f"{first}.bias" in weights:
        passed = v.flatten(2).sum(dim=2) if v.dim() > 2 else v
        given = passed @ weights[f"{first}.bias"]
        own = given if own is None else own + given
    weights[f"{merged}.weight"] = torch.einsum("om...,mi...->oi...", v, w)
    if own is not None:
        weights[f"{merged}.bias"] = own
