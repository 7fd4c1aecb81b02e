def trained_weights(
    module: nn.Module,
    state_dict: Mapping[str, Any],
    tensors: int | None,
    folds: Sequence[tuple[Any, ...]] = (),
    names: Mapping[str, str] | None = None,
    unused: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The weights of a module from those of its network as it is trained, in double precision.

    `tensors` is how many the network has as it is trained, counters of batches apart, and `unused`
    how many of them lie where nothing is needed of; each of these parts may be missing. Raises
    RuntimeError where `state_dict` is that of another network, and TypeError where it is none.
    """
    weights = trained_tensors(state_dict)
    weights.suit(module)
    others = [name for name in state_dict if name not in weights]
    names, unused, counter = names or {}, unused or {}, "num_batches_tracked"
    said: list[str] = []
    wrong: list[str] = []
    missing: list[str] = []
    lost: list[str] = []  # which a step did not come to make
    known = set(unused)
    for fold, *given in folds:
        paths = [path for one in given for path in (one if isinstance(one, tuple) else [one])]
        known.update(path for path in paths if isinstance(path, str))
        try:
            fold(weights, *given)
        except KeyError as error:
            missing.append(error.args[0])
        except (RuntimeError, IndexError, TypeError, ArithmeticError):  # of other shapes
            parts = [
                f"{n} {[*w.shape]}" for n, w in weights.items() if n.rpartition(".")[0] in paths
            ]
            wrong.append(f"{', '.join(parts)} do not go together")

    def is_known(path: str) -> bool:
        return path in known or ("." in path and is_known(path.rpartition(".")[0]))

    own: dict[str, Any] = {}
    for name, value in module.state_dict().items():
        path = name
        while path and path not in names:
            path = path.rpartition(".")[0]
        source = names.get(path, path) + name[len(path) :]
        found = weights.get(source)
        if name == "folds_mark":
            own[name] = torch.tensor(folds_digest(folds, names), dtype=torch.uint8)
            continue
        if found is None:
            if counter in name:
                own[name] = value
            else:
                (lost if is_known(source) else missing).append(source)
        elif getattr(found, "shape", None) != getattr(value, "shape", None):
            wrong.append(f"{source} is {[*found.shape]}, not {[*value.shape]}")
        own.setdefault(name, found)
        known.add(source)
    for name in filter(is_known, others):
        kind = not_a_weight(state_dict[name])
        raise TypeError(f"load_trained takes tensors, and {name} is {kind}")
    missing = missing or lost * (not wrong)
    unexpected = [name for name in state_dict if counter not in name and not is_known(name)]
    for what, keys in (("missing", list(dict.fromkeys(missing))), ("unexpected", unexpected)):
        if keys:
            more = f" and {len(keys) - 3} more" * (len(keys) > 3)
            said.append(f"{what}: {', '.join(keys[:3])}{more}")
    said += wrong[:3]
    there = [name for name in state_dict if counter not in name]
    if not said and tensors is not None and len(there) != tensors:
        gone = [path for path in unused if not any(f"{n}.".startswith(f"{path}.") for n in there)]
        tensors -= sum(unused[path] for path in gone)
        if len(there) != tensors:
            said.append(f"{len(there)} tensors, not {tensors}")
    if said:
        told = "; ".join(said)
        raise RuntimeError(f"not the weights of {type(module).__name__} as it is trained: {told}")
    return own
