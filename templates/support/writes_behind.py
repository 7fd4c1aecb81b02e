def writes_behind(*tensors: Tensor) -> bool:
    """Whether maps may be written behind each other: not for gradients, and not while a compiler looks on."""
    if torch.compiler.is_compiling() or torch.jit.is_tracing():
        return False
    return not (torch.is_grad_enabled() and any(x.requires_grad for x in tensors))
