def padded_mean(
    x: Tensor,
    pad: list[int] | tuple[int, ...],
    kernel_size: int | tuple[int, ...],
    stride: int | tuple[int, ...],
    count_include_pad: bool,
) -> Tensor:
    """The mean of each window of `x` with zeros around as F.pad puts them, counted or not."""
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[len(pad) // 2 - 1]
    y: Tensor = pool(F.pad(x, pad), kernel_size, stride)
    if count_include_pad:
        return y
    ones = F.pad(torch.ones_like(x[:1, :1]), pad)
    return y / pool(ones, kernel_size, stride)  # by the share of the input in a window
