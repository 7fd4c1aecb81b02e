def not_a_weight(value: object) -> str:
    """What a value is that is no tensor to compute with; nothing of one that is."""
    if not isinstance(value, Tensor):
        return f"of the type {type(value).__module__}.{type(value).__qualname__}"
    if value.is_meta:
        return "on the device meta, without values"
    return "sparse or quantised" * (value.layout != torch.strided or value.is_quantized)
