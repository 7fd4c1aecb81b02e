class _Room:
    """Maps in one storage: `used` channels of it are taken."""

    def __init__(self, x: Tensor, channels: int) -> None:
        samples, _, *sizes = x.shape
        if x.stride(1) == 1:  # channels last
            self.maps = x.new_empty(samples, *sizes, channels).movedim(-1, 1)
        else:
            self.maps = x.new_empty(samples, channels, *sizes)
        self.maps[:, : x.size(1)] = x.detach()
        self.used = x.size(1)


class _Concatenation(torch.autograd.Function):
    """See `concatenated`. Autograd is not told of what is written: it lies behind all that was saved."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, room: _Room) -> Tensor:
        ctx.channels = x.size(1)
        room.used = x.size(1) + y.size(1)
        room.maps.data[:, x.size(1) : room.used] = y
        return room.maps[:, : room.used].detach()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        return gradient[:, : ctx.channels], gradient[:, ctx.channels :], None


def concatenated(x: Tensor, y: Tensor, channels: int) -> Tensor:
    """`torch.cat([x, y], dim=1)`, in a storage with room for `channels`: the next one copies `y` alone.

    All maps before it are the first channels of the last (Pleiss et al., 2017). A tensor grows only once in
    place; what the storage has no room for gets one of its own.
    """
    alike = type(x) is type(y) is Tensor and x.dtype == y.dtype and x.shape[2:] == y.shape[2:]
    if torch.compiler.is_compiling() or not alike:
        return torch.cat([x, y], dim=1)
    room = getattr(x, "room", None)
    if room is None or room.used != x.size(1) or room.used + y.size(1) > room.maps.size(1):
        room = _Room(x, max(channels, x.size(1) + y.size(1)))
    joined: Tensor = _Concatenation.apply(x, y, room)  # type: ignore[no-untyped-call]
    if room.used < room.maps.size(1):
        joined.room = room  # type: ignore[attr-defined]
    return joined
