def trained_tensors(state_dict: object) -> Weights:
    """What a state_dict() holds, weights in double precision. Raises TypeError where it is none."""
    wanted = "load_trained takes a state_dict() of the network as it is trained"
    kind = type(state_dict).__name__
    if isinstance(state_dict, nn.Module):
        raise TypeError(f"{wanted}, not a module: that of {kind} may be one")
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"{wanted}, not a {kind}: torch.load reads one from a file")
    inner = [str(name) for name, value in state_dict.items() if isinstance(value, Mapping)]
    inner = [name for name in inner if not name.endswith("_extra_state")]
    if inner:
        raise TypeError(f"{wanted}, not a dict of dicts: one of {', '.join(inner)} may be that")
    if "folds_mark" in state_dict:
        raise RuntimeError(f"{wanted}, and this one is folded already: load_state_dict takes it")
    found = Weights()
    for name, value in state_dict.items():
        if not isinstance(name, str):
            raise TypeError(f"{wanted}, whose keys are texts, not {name!r}")
        if not not_a_weight(value):
            floating = value.is_floating_point()
            found[name] = value.detach().to("cpu", torch.float64) if floating else value
        elif name.endswith("_extra_state"):  # which may be anything
            found[name] = value
    return found
