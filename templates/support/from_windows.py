def from_windows(x: Tensor, size: tuple[int, ...], window: tuple[int, ...]) -> Tensor:
    """The map `[B, C, *size]` whose windows have the tokens `[B, windows, positions, C]`."""
    rank = len(window)
    counts = [size[axis] // w for axis, w in enumerate(window)]
    x = torch.unflatten(torch.unflatten(x, 2, window), 1, counts)
    x = x.permute(0, 2 * rank + 1, *(axis for i in range(rank) for axis in (1 + i, 1 + rank + i)))
    for axis in range(2, rank + 2):
        x = x.flatten(axis, axis + 1)
    return x
