def padded_max(
    x: Tensor,
    pad: list[int] | tuple[int, ...],
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    dilation: int | tuple[int, ...],
) -> Tensor:
    """The greatest value of each window of `x`; what F.pad puts around it is never the greatest."""
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[len(pad) // 2 - 1]
    y: Tensor = pool(F.pad(x, pad, value=float("-inf")), kernel_size, stride, 0, dilation)
    return y
