class GrowingMaps:
    """Maps in one storage: `used` channels of it are taken."""

    def __init__(self, x: Tensor, channels: int) -> None:
        samples, _, *sizes = x.shape
        if x.stride(1) == 1:  # channels last
            self.maps = x.new_empty(samples, *sizes, channels).movedim(-1, 1)
        else:
            self.maps = x.new_empty(samples, channels, *sizes)
        self.maps[:, : x.size(1)] = x.detach()
        self.used = x.size(1)
