class Rerun:
    """A context in which modules run again as they did: same mode, same weights, copied buffers.

    So running statistics change once, and weights that were there for the first run alone, such as
    those of `torch.func.functional_call`, are there again. It is made when the modules run first.
    """

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        inner = dict.fromkeys(module for outer in modules for module in outer.modules())
        self.states = [self.state(module) for module in inner]
        self.versions = self.current_versions()
        self.kept: list[list[tuple[Any, ...]]] = []  # by entry

    @staticmethod
    def state(module: nn.Module) -> tuple[Any, ...]:
        return module, module.training, dict(module._parameters), dict(module._buffers)

    def current_versions(self) -> list[int]:
        held = [weight for *_, weights, _ in self.states for weight in weights.values()]
        return [w._version for w in held if w is not None and not w.is_inference()]

    def __enter__(self) -> None:
        if self.current_versions() != self.versions:
            raise RuntimeError(
                "a weight that is needed to compute something again in the backward pass has been "
                "modified by an inplace operation"
            )
        self.kept.append([self.state(module) for module, *_ in self.states])
        for module, mode, weights, buffers in self.states:
            module.training = mode
            module._parameters.update(weights)
            copied = {name: b.clone() for name, b in buffers.items() if b is not None}
            module._buffers.update(copied)

    def __exit__(self, *error: object) -> None:
        for module, mode, weights, buffers in self.kept.pop():
            module.training = mode
            module._parameters.update(weights)
            module._buffers.update(buffers)
