class Rerun:
    """A context in which modules run again as they did: same mode, same weights, copied buffers.

    So running statistics change once, and weights that were there for the first run alone, such as
    those of `torch.func.functional_call`, are there again. It is made when the modules run first.
    """

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        inner = dict.fromkeys(module for outer in modules for module in outer.modules())
        self.states = [self.state(module) for module in inner]
        self.kept: list[list[tuple[Any, ...]]] = []  # by entry

    @staticmethod
    def state(module: nn.Module) -> tuple[Any, ...]:
        return module, module.training, dict(module._parameters), dict(module._buffers)

    def __enter__(self) -> None:
        self.kept.append([self.state(module) for module, *_ in self.states])
        for module, mode, weights, buffers in self.states:
            module.training = mode
            module._parameters.update(weights)
            copied = {name: buffer.clone() for name, buffer in buffers.items() if buffer is not None}
            module._buffers.update(copied)

    def __exit__(self, *error: object) -> None:
        for module, mode, weights, buffers in self.kept.pop():
            module.training = mode
            module._parameters.update(weights)
            module._buffers.update(buffers)
