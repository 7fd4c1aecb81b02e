def writes_behind(*tensors: Tensor) -> bool:
    """Whether maps may be written behind each other: not for gradients, nor for a compiler."""
    if watched():
        return False
    return not (torch.is_grad_enabled() and any(x.requires_grad for x in tensors))
