def recomputed(modules: Sequence[nn.Module], *maps: Tensor) -> Tensor:
    """The maps, one behind the other, through a chain of modules; only the maps are stored.

    What lies between two modules is computed again in the backward pass, and running statistics
    change once. The last module does not run again, since its gradient needs no more than what it
    takes (Pleiss et al., 2017).
    """

    def chain(*maps: Tensor) -> Tensor:
        x = maps[0]
        whole = x.is_contiguous() or x.stride(0) == x[0].numel()  # not a part of a larger storage
        if len(maps) > 1 or not whole:
            x = torch.cat(maps, dim=1)
        for module in modules:
            x = module(x)
        return x

    if watched() or not torch.is_grad_enabled():
        return chain(*maps)
    y: Tensor = torch.utils.checkpoint.checkpoint(
        chain,
        *maps,
        use_reentrant=False,
        context_fn=lambda: (nullcontext(), Rerun(modules)),
        preserve_rng_state=False,
    )
    return y
