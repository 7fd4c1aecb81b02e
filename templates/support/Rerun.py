class Rerun:
    """A context in which modules run again as they did: in the same mode, and on copied buffers.

    So running statistics change once. It is made when the modules run first.
    """

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        inner = dict.fromkeys(module for outer in modules for module in outer.modules())
        self.modes = {module: module.training for module in inner}
        self.kept: list[list[tuple[nn.Module, bool, dict[str, Tensor]]]] = []  # by entry

    def __enter__(self) -> None:
        self.kept.append(
            [(m, m.training, dict(m.named_buffers(recurse=False))) for m in self.modes]
        )
        for module, mode in self.modes.items():
            module.training = mode
            for name, buffer in module.named_buffers(recurse=False):
                setattr(module, name, buffer.clone())

    def __exit__(self, *error: object) -> None:
        for module, mode, buffers in self.kept.pop():
            module.training = mode
            for name, buffer in buffers.items():
                setattr(module, name, buffer)
