class FusedConv2d(nn.Conv2d):
    """A convolution, a tensor added to it, and an activation: on a CPU one kernel of oneDNN.

    With `in_place` the tensor that is added may be written over.
    """

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
        in_place: bool = False,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias
        )
        self.activation = activation
        self.in_place = in_place
        self.packed = Packed()

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        runs = onednn_runs(x, self.weight, self.bias, other) and not self.is_small(x)
        fits = x.dim() == 4 and x.shape[1] == self.in_channels
        if not runs or not fits or (other is not None and other.shape[0] != x.shape[0]):
            z = super().forward(x)
            return activated(z if other is None else z + other, self.activation)
        x = x.contiguous(memory_format=torch.channels_last)
        window = (self.padding, self.stride, self.dilation, self.groups)
        reorder = torch.ops.mkldnn._reorder_convolution_weight
        weight = self.packed.of(self.weight, lambda weight: reorder(weight, *window, x.shape))
        run = torch.ops.mkldnn._convolution_pointwise
        name, constants = onednn_activation(self.activation)
        if other is None:
            y: Tensor = run(x, weight, self.bias, *window, name, constants, "none")
            return y
        last = ("add", None, name if self.activation else None, constants, None)
        writes = self.in_place and other.is_contiguous(memory_format=torch.channels_last)
        if self.groups > 1 and not writes:  # with groups only the kernel that writes over it adds
            other, writes = other.clone(memory_format=torch.channels_last), True
        if writes:
            into = torch.ops.mkldnn._convolution_pointwise_
            y = into.binary(other, x, weight, self.bias, *window, *last)
        else:
            y = run.binary(x, other, weight, self.bias, *window, *last)
        return y

    def is_small(self, x: Tensor) -> bool:
        """Whether it is over before oneDNN has begun; groups are fast there at any size."""
        steps = self.in_channels * self.stride[0] * self.stride[1]
        return self.groups == 1 and not worth_onednn(x.numel() * self.weight.numel() / steps)

    def extra_repr(self) -> str:
        text: str = super().extra_repr()  # type: ignore[no-untyped-call]
        return text + f", activation={self.activation!r}" * bool(self.activation)
