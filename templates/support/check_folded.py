def check_folded(
    digest: list[int], module: nn.Module, state_dict: Mapping[str, Any], prefix: str, *_: Any
) -> None:
    """Refuse weights that are not folded as those of the module, before any of them is loaded."""
    mark = state_dict.get(f"{prefix}folds_mark")
    if mark is None and not any(f"{prefix}{name}" in state_dict for name in module.state_dict()):
        return  # there is nothing of this module: load_state_dict itself tells of what is missing
    if mark is not None and (mark.is_meta or mark.tolist() == digest):
        return
    how = "not folded for inference" if mark is None else "folded in another way than this module's"
    raise RuntimeError(
        f"{type(module).__name__} cannot load these weights: they are {how}. load_trained takes "
        "those of the network as it is trained, and `archdsl port --for inference` folds a file"
    )
