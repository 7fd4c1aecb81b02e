class Packed:
    """A weight in the order in which oneDNN reads it fastest, made anew where the weight has changed."""

    def __init__(self) -> None:
        self.source: tuple[object, ...] = ()
        self.weight: Tensor | None = None

    def of(self, weight: Tensor, pack: Callable[[Tensor], Tensor]) -> Tensor:
        version = 0 if weight.is_inference() else weight._version
        source = (id(weight), weight.data_ptr(), weight.dtype, version)
        if self.weight is None or self.source != source:
            self.weight, self.source = pack(weight.detach()), source
        return self.weight

    def __reduce__(self) -> tuple[object, ...]:
        return (Packed, ())  # copies, also those in files, pack for themselves
