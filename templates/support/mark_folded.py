def mark_folded(
    module: nn.Module,
    folds: Sequence[tuple[Any, ...]] = (),
    names: Mapping[str, str] | None = None,
) -> None:
    """Give a module a mark of how its weights are folded, which those that it loads have to bear."""
    digest = folds_digest(folds, names)
    module.register_buffer("folds_mark", torch.tensor(digest, dtype=torch.uint8))
    module.register_load_state_dict_pre_hook(partial(check_folded, digest))
