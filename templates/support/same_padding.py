def same_padding(
    size: torch.Size,
    kernel_size: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
) -> list[int]:
    """TensorFlow's `SAME` for a map of such a size, as F.pad takes it: ceil(size / stride) fit."""
    pad: list[int] = []
    for axis, (kernel, step, spread) in enumerate(zip(kernel_size, stride, dilation)):
        span = spread * (kernel - 1) + 1
        total = span - 1 - (size[axis] - 1) % step
        if span < step:
            total *= 1 + total // step  # 0 where it is negative
        pad = [total // 2, total - total // 2, *pad]  # F.pad takes the last axis first
    return pad
