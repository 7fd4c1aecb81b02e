def center_crop(x: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    """The middle of a map `[B, C, ...]`: `[B, C, *size]`."""
    for axis, wanted in enumerate(size, 2):
        x = x.narrow(axis, (x.size(axis) - wanted) // 2, wanted)
    return x
