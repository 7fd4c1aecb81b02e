class FusedConv2d(nn.Conv2d):
    """A convolution, what is added to it, and an activation; on a CPU in one kernel of oneDNN, with packed weights."""

    #: of each activation: oneDNN's name for it and its constants, and the function that it is elsewhere
    ACTIVATIONS: ClassVar[dict[str, tuple[str, list[float], Callable[[Tensor], Tensor]]]] = {
        "": ("none", [], lambda x: x),
        "relu": ("relu", [], torch.relu_),
        "relu6": ("hardtanh", [0.0, 6.0], F.relu6),
        "silu": ("swish", [], F.silu),
        "hardswish": ("hardswish", [], F.hardswish),
        "hardsigmoid": ("hardsigmoid", [], F.hardsigmoid),
        "sigmoid": ("sigmoid", [], torch.sigmoid_),
        "tanh": ("tanh", [], torch.tanh_),
    }

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        bias: bool = True,
        activation: str = "",
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)
        self.activation = activation
        self.packed: tuple[object, Tensor] | None = None

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        name, constants, function = self.ACTIVATIONS[self.activation]
        if not self.packs(x):
            y = super().forward(x)
            return function(y if other is None else y.add_(other))
        weight = self.packed_weight(x)
        window = (self.padding, self.stride, self.dilation, self.groups)
        if other is None:
            return torch.ops.mkldnn._convolution_pointwise(
                x, weight, self.bias, *window, name, constants, ""
            )
        unary = name if self.activation else None
        return torch.ops.mkldnn._convolution_pointwise.binary(
            x, other, weight, self.bias, *window, "add", None, unary, constants, ""
        )

    def packs(self, x: Tensor) -> bool:
        """Whether oneDNN runs this: on a CPU, without gradients, and not while a compiler looks on."""
        return (
            x.device.type == "cpu"
            and x.dtype in (torch.float32, torch.bfloat16)
            and torch.backends.mkldnn.is_available()
            and not torch.compiler.is_compiling()
            and not (torch.is_grad_enabled() and (x.requires_grad or self.weight.requires_grad))
        )

    def packed_weight(self, x: Tensor) -> Tensor:
        """The weight in oneDNN's order, which is made anew where the weight has changed."""
        weight = self.weight
        state = (weight.data_ptr(), weight.dtype, None if weight.is_inference() else weight._version)
        if self.packed is None or self.packed[0] != state:
            window = (self.padding, self.stride, self.dilation, self.groups)
            order = torch.ops.mkldnn._reorder_convolution_weight(weight, *window, x.shape)
            self.packed = (state, order)
        return self.packed[1]

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "packed": None}

    def extra_repr(self) -> str:
        return super().extra_repr() + f", activation={self.activation!r}" * bool(self.activation)
