def concatenated(x: Tensor, y: Tensor, channels: int) -> Tensor:
    """`torch.cat([x, y], dim=1)` where there is room for `channels`: the next one copies `y` alone.

    All maps before it are the first channels of the last (Pleiss et al., 2017). A tensor grows only
    once in place; what the storage has no room for gets one of its own.
    """
    alike = type(x) is type(y) is Tensor and (x.dtype, x.device) == (y.dtype, y.device)
    if watched() or not alike or (len(x), *x.shape[2:]) != (len(y), *y.shape[2:]):
        return torch.cat([x, y], dim=1)
    room = getattr(x, "room", None)
    if room is None or room.used != x.size(1) or room.used + y.size(1) > room.maps.size(1):
        room = GrowingMaps(x, max(channels, x.size(1) + y.size(1)))
    joined: Tensor = Concatenation.apply(x, y, room)  # type: ignore[no-untyped-call]
    if room.used < room.maps.size(1):
        joined.room = room  # type: ignore[attr-defined]
    return joined
