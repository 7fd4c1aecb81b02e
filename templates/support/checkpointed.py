def checkpointed(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Let `forward` run again in the backward pass from what it takes (Chen et al., 2016).

    Running statistics change once, and dropout leaves out the same values.
    """

    @wraps(forward)
    def stored(self: nn.Module, *inputs: Any) -> Any:
        if watched() or not (self.training and torch.is_grad_enabled()):
            return forward(self, *inputs)
        modules = [self, *(given for given in inputs if isinstance(given, nn.Module))]
        contexts = nullcontext(), Rerun(modules)
        return torch.utils.checkpoint.checkpoint(
            forward, self, *inputs, use_reentrant=False, context_fn=lambda: contexts
        )

    return stored
