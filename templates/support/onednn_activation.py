def onednn_activation(name: str) -> tuple[str, list[float]]:
    """An activation as oneDNN has it: its name there, and its constants."""
    if name == "relu6":
        return "hardtanh", [0.0, 6.0]
    return {"": "none", "silu": "swish"}.get(name, name), []
