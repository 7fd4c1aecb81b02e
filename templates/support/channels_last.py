def channels_last(x: Tensor) -> Tensor:
    """The same values, the channels of each position side by side in memory."""
    if not torch.compiler.is_compiling() and torch._C._are_functorch_transforms_active():
        return x  # transforms of functions know no order in memory
    return x.contiguous(memory_format=torch.channels_last)
