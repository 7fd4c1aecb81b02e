class Packed:
    """A weight in the order that oneDNN reads fastest, made anew where the weight has changed.

    A change through `.data` is none that PyTorch counts: it is not seen.
    """

    def __init__(self) -> None:
        self.state: tuple[object, ...] = ()
        self.source: Tensor | None = None
        self.weight: Tensor | None = None

    def of(self, weight: Tensor, pack: Callable[[Tensor], Tensor]) -> Tensor:
        if weight.is_inference():
            return weight  # nothing tells whether such a tensor has changed
        state = (weight.data_ptr(), weight.dtype, weight._version)
        if self.weight is None or self.state != state:
            self.source = weight.detach()  # kept, so that no other weight takes its place in memory
            self.weight, self.state = pack(self.source), state
        return self.weight

    def __reduce__(self) -> tuple[object, ...]:
        return (Packed, ())  # copies, also those in files, pack for themselves
