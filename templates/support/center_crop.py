def center_crop(x: Tensor, size: tuple[int, ...]) -> Tensor:
    """The middle of a map `[B, C, ...]`: `[B, C, *size]`."""
    for axis, wanted in enumerate(size, 2):
        x = x.narrow(axis, (x.size(axis) - wanted) // 2, wanted)
    return x
