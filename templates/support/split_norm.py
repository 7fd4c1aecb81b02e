def split_norm(weights: dict[str, Tensor], norm: str, parts: tuple[int, ...]) -> None:
    """Split a batch norm into norms of so many channels, which are called by their number."""
    for name in ("weight", "bias", "running_mean", "running_var"):
        for number, vector in enumerate(torch.split(weights[f"{norm}.{name}"], list(parts))):
            weights[f"{norm}.{number}.{name}"] = vector
