def appended(x: Tensor, *more: Tensor) -> Tensor:
    """`torch.cat([x, *more], dim=1)`, with `more` written behind `x` where there is room for it."""
    first = x.shape[1]
    channels = first + sum(y.shape[1] for y in more)
    if not writes_behind(x, *more) or x.stride(1) != 1 or x.stride(3) < channels:
        return torch.cat([x, *more], dim=1)
    longer = x.as_strided((x.shape[0], channels, *x.shape[2:]), x.stride())
    for y in more:
        longer.narrow(1, first, y.shape[1]).copy_(y)
        first += y.shape[1]
    return longer
