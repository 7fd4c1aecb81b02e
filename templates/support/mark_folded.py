def mark_folded(
    module: nn.Module,
    folds: Sequence[tuple[Any, ...]] = (),
    names: Mapping[str, str] | None = None,
) -> None:
    """Give a module a mark of how its weights are folded, which what it loads has to bear."""
    digest = folds_digest(folds, names)
    module.register_buffer("folds_mark", torch.tensor(digest, dtype=torch.uint8))
    check = partial(check_folded, digest)
    module.register_load_state_dict_pre_hook(check)  # type: ignore[no-untyped-call]
