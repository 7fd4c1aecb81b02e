class Weights(dict[str, Any]):
    """Weights in double precision by their names, for a module of numbers up to `largest`."""

    largest = torch.finfo(torch.float64).max

    def suit(self, module: nn.Module) -> None:
        """Know the numbers that a module computes with; types of 8 bits only store some."""
        kinds = {weight.dtype for weight in (*module.parameters(), *module.buffers())}
        kinds = {kind for kind in kinds if kind.is_floating_point and kind.itemsize > 1}
        self.largest = min((torch.finfo(kind).max for kind in kinds), default=self.largest)
