def worth_onednn(macs: float) -> bool:
    """Whether so many multiply-accumulates take longer than oneDNN needs to begin, some 20 µs."""
    return macs > 1e6
