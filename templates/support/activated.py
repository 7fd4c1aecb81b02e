def activated(x: Tensor, name: str) -> Tensor:
    """What an activation gives; it may write over `x`."""
    if name == "relu":
        return torch.relu_(x)
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "": lambda x: x,
        "gelu": F.gelu,
        "hardsigmoid": F.hardsigmoid,
        "hardswish": F.hardswish,
        "relu6": F.relu6,
        "sigmoid": torch.sigmoid,
        "silu": F.silu,
        "tanh": torch.tanh,
    }
    return functions[name](x)
