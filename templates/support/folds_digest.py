def folds_digest(
    folds: Sequence[tuple[Any, ...]], names: Mapping[str, str] | None = None
) -> list[int]:
    """Eight bytes that tell one way of folding weights, and of naming them, from any other."""
    steps = [(fold.__name__, *given) for fold, *given in folds]
    told = repr((steps, list((names or {}).items())))
    return list(hashlib.sha256(told.encode()).digest()[:8])
