class SameConv1d(nn.Conv1d):
    """A convolution padded as TensorFlow's `SAME`: ceil(input / stride) positions leave."""

    def forward(self, x: Tensor) -> Tensor:
        pad = same_padding(x.shape[2:], self.kernel_size, self.stride, self.dilation)
        x = F.pad(x, pad)
        return F.conv1d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)
