def watched() -> bool:
    """Whether a compiler, a tracer, a transform of functions or forward derivatives look on."""
    return (
        torch.compiler.is_compiling()
        or torch._C._get_tracing_state() is not None
        or torch._C._are_functorch_transforms_active()
        or torch.autograd.forward_ad._current_level >= 0
    )
