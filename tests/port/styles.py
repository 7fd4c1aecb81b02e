"""How others name the layers of networks that we have, as functions of our keys."""

from __future__ import annotations

import re
from collections.abc import Callable

Style = Callable[[str], str]


def old_torchvision(key: str) -> str:
    """DenseNet before torchvision 0.3: `norm.1` for `norm1`, which its `_load_state_dict` mends."""
    return re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", key)


def authors_resnet(key: str) -> str:
    """Stages and units from 1, letters for convolutions, a stem and a head."""
    key = re.sub(r"^conv1\.", "stem.conv.", key)
    key = re.sub(r"^bn1\.", "stem.norm.", key)
    key = re.sub(r"^fc\.", "head.dense.", key)
    key = re.sub(r"^layer(\d)\.(\d+)", lambda m: f"stage_{m[1]}.unit_{int(m[2]) + 1}", key)
    key = key.replace("downsample.0.", "shortcut.conv.").replace("downsample.1.", "shortcut.norm.")
    return re.sub(r"\.(conv|bn)([123])\.", lambda m: f".{m[1]}_{'abc'[int(m[2]) - 1]}.", key)


def caffe_resnet(key: str) -> str:
    """The names of the authors' prototxt, of one level."""
    key = re.sub(
        r"^(conv1|bn1|fc)\.", lambda m: {"fc": "fc1000", "bn1": "bn_conv1"}.get(m[1], m[1]) + ".", key
    )

    def branch(found: re.Match[str]) -> str:
        stage, unit, kind = int(found[1]) + 1, "abcdefgh"[int(found[2])], found[3]
        if kind.startswith("downsample"):
            return f"{'res' if kind.endswith('0') else 'bn'}{stage}{unit}_branch1."
        return f"{'res' if kind[:4] == 'conv' else 'bn'}{stage}{unit}_branch2{'abc'[int(kind[-1]) - 1]}."

    return re.sub(r"^layer(\d)\.(\d+)\.(downsample\.\d|conv\d|bn\d)\.", branch, key)


def caffe_googlenet(key: str) -> str:
    """`inception_3a/5x5_reduce/conv/weight`, as in the prototxt that came with the paper."""
    stem = {
        "conv1": "conv1/7x7_s2",
        "conv2": "conv2/3x3_reduce",
        "conv3": "conv2/3x3",
        "fc": "loss3/classifier",
    }
    branches = {
        "branch1": "1x1",
        "branch2.0": "3x3_reduce",
        "branch2.1": "3x3",
        "branch3.0": "5x5_reduce",
        "branch3.1": "5x5",
        "branch4.1": "pool_proj",
    }
    first, _, rest = key.partition(".")
    if first in stem:
        return f"{stem[first]}/{rest.replace('.', '/')}"
    if first.startswith("inception"):
        for ours, theirs in branches.items():
            if rest.startswith(ours + "."):
                return f"inception_{first[-2:]}/{theirs}/{rest.removeprefix(ours + '.').replace('.', '/')}"
    number = first.removeprefix("aux")
    inner, _, last = rest.partition(".")
    return (
        f"loss{number}/{ {'conv': 'conv', 'fc1': 'fc', 'fc2': 'classifier'}[inner] }/{last.replace('.', '/')}"
    )


def flat_mobilenet(key: str) -> str:
    """One `nn.Sequential` of convolutions and norms: `model.4.3.weight`."""
    layers = [1, 2, 2, 6, 2]
    if key.startswith(("conv_stem.", "bn1.")):
        return "model.0." + key.replace("conv_stem.", "0.").replace("bn1.", "1.")
    found = re.match(r"blocks\.(\d)\.(\d)\.(conv_dw|bn1|conv_pw|bn2)\.(.*)", key)
    if found is None:
        return key.replace("classifier.", "fc.")
    place = 1 + sum(layers[: int(found[1])]) + int(found[2])
    return f"model.{place}.{ {'conv_dw': 0, 'bn1': 1, 'conv_pw': 3, 'bn2': 4}[found[3]] }.{found[4]}"


def authors_senet(key: str) -> str:
    """ResNet's names, and the layers of squeeze and excitation in a list of linear ones."""
    key = re.sub(r"^layer0\.", "stem.", key)
    return key.replace("se_module.fc1.", "excite.0.").replace("se_module.fc2.", "excite.2.")
