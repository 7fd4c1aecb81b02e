def merge_siblings(weights: dict[str, Tensor], layers: tuple[str, ...]) -> None:
    """Put linear maps of the same tensor behind each other, under the name of the first."""
    own = [weights[f"{layer}.weight"] for layer in layers]
    biases = [
        weights.get(f"{layer}.bias", weight.new_zeros(len(weight)))
        for layer, weight in zip(layers, own, strict=True)
    ]
    weights[f"{layers[0]}.weight"] = torch.cat(own)
    weights[f"{layers[0]}.bias"] = torch.cat(biases)
