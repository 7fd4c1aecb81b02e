def channels_last(x: Tensor) -> Tensor:
    """The same values, the channels of each position side by side in memory."""
    return x.contiguous(memory_format=torch.channels_last)
