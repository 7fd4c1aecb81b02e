class KeptBuffers:
    """A context in which modules change copies of their buffers, such as running statistics, and not their own."""

    def __init__(self, modules: Iterable[nn.Module]) -> None:
        self.modules = list(modules)
        self.kept: list[list[tuple[nn.Module, str, Tensor]]] = []  # of each time that it is entered

    def __enter__(self) -> None:
        inner = dict.fromkeys(module for outer in self.modules for module in outer.modules())
        own = [(module, *named) for module in inner for named in module.named_buffers(recurse=False)]
        self.kept.append(own)
        for module, name, buffer in own:
            setattr(module, name, buffer.clone())

    def __exit__(self, *error: object) -> None:
        for module, name, buffer in self.kept.pop():
            setattr(module, name, buffer)
