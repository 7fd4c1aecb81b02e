def to_windows(x: Tensor, window: tuple[int, ...]) -> Tensor:
    """Tokens `[B, windows, positions, C]` of the windows of a map `[B, C, ...]`."""
    rank = len(window)
    for axis, size in enumerate(window):
        x = torch.unflatten(x, 2 + 2 * axis, (-1, size))
    x = x.permute(0, *range(2, 2 * rank + 2, 2), *range(3, 2 * rank + 3, 2), 1)
    return x.flatten(rank + 1, 2 * rank).flatten(1, rank)
