"""What the constructors of PyTorch call their arguments, and which values they may do without."""

from __future__ import annotations

from archdsl.records import record

Constant = int | float | bool | str | None | tuple[int | float, ...]


@record
class SameAs:
    """The default of an argument is the value of another one."""

    name: str


class Required:
    """The argument has no default."""


REQUIRED = Required()
Default = Constant | SameAs | Required


def _signature(required: str, **defaults: Default) -> dict[str, Default]:
    return {**dict.fromkeys(required.split(), REQUIRED), **defaults}


def _ranks(name: str, signature: dict[str, Default]) -> dict[str, dict[str, Default]]:
    return {f"{name}{rank}d": signature for rank in (1, 2, 3)}


_CONV = _signature(
    "in_channels out_channels kernel_size", stride=1, padding=0, dilation=1, groups=1, bias=True
)
_PADDED = _signature(
    "in_channels out_channels kernel_size", stride=1, pad=REQUIRED, dilation=1, groups=1, bias=True
)
_DECONV = _signature(
    "in_channels out_channels kernel_size",
    stride=1,
    padding=0,
    output_padding=0,
    groups=1,
    bias=True,
    dilation=1,
)
_CROPPED = {"crop" if name == "padding" else name: default for name, default in _DECONV.items()} | {
    "crop": REQUIRED
}
_NORM = _signature("num_features", eps=1e-5, momentum=0.1, affine=True)
_LAYER_NORM = _signature("normalized_shape", eps=1e-5, elementwise_affine=True, bias=True)
_WINDOW = _signature("kernel_size", stride=SameAs("kernel_size"))
_POOL = _WINDOW | {"padding": 0}

#: Arguments of each function in their order, with defaults. Functions that are not here keep what they are given.
SIGNATURES: dict[str, dict[str, Default]] = {
    **_ranks("nn.Conv", _CONV),
    **_ranks("PaddedConv", _PADDED),
    **_ranks("SameConv", _CONV),
    **_ranks("nn.ConvTranspose", _DECONV),
    **_ranks("CroppedConvTranspose", _CROPPED),
    **_ranks("nn.BatchNorm", _NORM),
    **_ranks("nn.InstanceNorm", _NORM | {"affine": False}),
    **_ranks("nn.MaxPool", _POOL | {"dilation": 1, "ceil_mode": False}),
    **_ranks("nn.AvgPool", _POOL | {"ceil_mode": False, "count_include_pad": True}),
    "SameMaxPool": _WINDOW | {"dilation": 1, "rank": 2},
    "SameAvgPool": _WINDOW | {"count_include_pad": False, "rank": 2},
    "PaddedMaxPool": _WINDOW | {"pad": REQUIRED, "dilation": 1},
    "PaddedAvgPool": _WINDOW | {"pad": REQUIRED, "count_include_pad": True},
    **_ranks("nn.AdaptiveAvgPool", _signature("output_size")),
    **_ranks("nn.AdaptiveMaxPool", _signature("output_size")),
    **_ranks("nn.Dropout", _signature("p")),
    "FusedConv2d": _CONV | {"activation": ""},
    "nn.Linear": _signature("in_features out_features", bias=True),
    "FusedLinear": _signature("in_features out_features", bias=True, activation=""),
    "nn.LayerNorm": _LAYER_NORM,
    "ChannelLayerNorm": _LAYER_NORM,
    "nn.GroupNorm": _signature("num_groups num_channels", eps=1e-5, affine=True),
    "nn.LocalResponseNorm": _signature("size", alpha=1e-4, beta=0.75, k=1),
    "nn.Dropout": _signature("p"),
    "DropPath": _signature("p", mode="row"),
    "nn.LeakyReLU": _signature("negative_slope"),
    "nn.PReLU": _signature("num_parameters", init=0.25),
    "nn.ELU": _signature("", alpha=1),
    "nn.Softplus": _signature("", beta=1, threshold=20),
    "SelfAttention": _signature(
        "features heads", width=SameAs("features"), bias=True, out_bias=True, dropout=0
    ),
    "FusedSelfAttention": _signature(
        "features heads", width=SameAs("features"), bias=True, out_bias=True, dropout=0
    ),
    "CrossAttention": _signature(
        "features heads keys values", width=SameAs("features"), bias=True, out_bias=True, dropout=0
    ),
    "to_windows": _signature("x window"),
    "from_windows": _signature("x size window"),
    "Affine": _signature("channels", dim=1, bias=True),
    "Normalize": _signature("", dim=1, p=2, eps=1e-12),
}

#: Arguments of functions and of methods of tensors where no argument of the layer says what they are.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "F.pad": ("input", "pad"),
    "torch.full": ("size", "fill_value"),
    "torch.split": ("tensor", "sizes", "dim"),
}
METHODS: dict[str, tuple[str, ...]] = {
    "narrow": ("dim", "start", "length"),
    "select": ("dim", "index"),
    "unflatten": ("dim", "sizes"),
}
