"""`--with timm`: the models that timm makes of generated modules."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import archdsl  # noqa: E402
from archdsl.api import loads  # noqa: E402
from archdsl.emit.taps import Backbone  # noqa: E402
from tests.integrations.made import SIX, architecture, imported, module  # noqa: E402
from tests.zoo.oracles import timm_models  # noqa: E402

pytestmark = [pytest.mark.torch, pytest.mark.slow]
timm = timm_models()

CLASSIFIERS = [model for model in SIX if model != "unet256"]


def create(model: str, **settings: Any) -> Any:
    """What `timm.create_model` makes of a generated module."""
    module(model, "timm")
    torch.manual_seed(0)
    return timm.create_model(f"archdsl_{model}", **settings).eval()


def image(model: str, size: int = 128, channels: int | None = None) -> Any:
    found = architecture(model).inputs["image"][0]
    torch.manual_seed(1)
    return torch.randn(2, channels or found, size, size)


@pytest.mark.parametrize("model", SIX)
def test_it_is_the_same_network(model: str) -> None:
    made = module(model, "timm")
    torch.manual_seed(0)
    plain = getattr(made, model)().eval()
    net = create(model)
    assert isinstance(net, type(plain))
    assert {k: v.shape for k, v in net.state_dict().items()} == {
        k: v.shape for k, v in plain.state_dict().items()
    }
    net.load_state_dict(plain.state_dict())
    with torch.no_grad():
        assert torch.equal(net(image(model)), plain(image(model)))


@pytest.mark.parametrize("model", SIX)
def test_features_only(model: str) -> None:
    """The last tensors of all resolutions, with the channels and reductions that `feature_info` tells."""
    net = create(model, features_only=True)
    with torch.no_grad():
        found = net(image(model))
    told = list(zip(net.feature_info.channels(), net.feature_info.reduction(), strict=True))
    assert [(f.shape[1], 128 // f.shape[2], 128 // f.shape[3]) for f in found] == [(c, r, r) for c, r in told]
    assert len(found) == 5
    assert [r for _, r in told] == ([1, 2, 4, 8, 16] if model == "unet256" else [2, 4, 8, 16, 32])
    some = create(model, features_only=True, out_indices=(1, 3))
    full = create(model)
    some.load_state_dict({f"graph_module.{k}": v for k, v in full.state_dict().items()}, strict=False)
    net.load_state_dict({f"graph_module.{k}": v for k, v in full.state_dict().items()}, strict=False)
    with torch.no_grad():
        pair, every = some(image(model)), net(image(model))
    assert torch.equal(pair[0], every[1]) and torch.equal(pair[1], every[3])


#: Where timm itself takes the features of networks that it has, by path or by what follows it there.
TIMM_CHANNELS = {
    "densenet121": [64, 256, 512, 1024, 1024],
    "resnet50": [64, 256, 512, 1024, 2048],
}


@pytest.mark.parametrize("model", TIMM_CHANNELS)
def test_features_are_those_that_timm_takes(model: str) -> None:
    theirs = timm.create_model(model, features_only=True)
    ours = create(model, features_only=True)
    assert ours.feature_info.channels() == theirs.feature_info.channels() == TIMM_CHANNELS[model]
    assert ours.feature_info.reduction() == theirs.feature_info.reduction()


@pytest.mark.parametrize("model", CLASSIFIERS)
def test_halves(model: str) -> None:
    """What makes the features and what makes the classes of them are together the whole."""
    net, x = create(model), image(model)
    with torch.no_grad():
        features = net.forward_features(x)
        assert features.shape == (2, net.num_features, 4, 4)
        assert torch.equal(net.forward_head(features), net(x))
        before = net.forward_head(features, pre_logits=True)
        assert before.shape == (2, net.head_hidden_size)
        assert torch.equal(net.get_classifier()(before), net(x))


@pytest.mark.parametrize("model", CLASSIFIERS)
def test_other_classes_and_channels(model: str) -> None:
    channels = 1 if architecture(model).inputs["image"][0] != 1 else 3
    net = create(model, num_classes=10, in_chans=channels)
    assert net.num_classes == 10 and net.in_chans == channels
    with torch.no_grad():
        assert net(image(model, channels=channels)).shape == (2, 10)
    config = net.default_cfg
    assert net.get_submodule(config["first_conv"]).in_channels == channels
    names = config["classifier"]
    assert {net.get_submodule(n).out_features for n in ([names] if isinstance(names, str) else names)} == {10}


@pytest.mark.parametrize("model", CLASSIFIERS)
def test_without_classes(model: str) -> None:
    pooled, places = create(model, num_classes=0), create(model, num_classes=0, global_pool="")
    with torch.no_grad():
        assert pooled(image(model)).shape == (2, pooled.num_features)
        assert places(image(model)).shape == (2, pooled.num_features, 4, 4)
        places.reset_classifier(7)
        assert places(image(model)).shape == (2, 7)
        places.reset_classifier(0, "avg")
        assert places(image(model)).shape == (2, pooled.num_features)
    with pytest.raises(ValueError, match="global_pool is 'avg', or '' without classes, not 'catavgmax'"):
        pooled.reset_classifier(5, "catavgmax")
    with pytest.raises(ValueError, match="not ''"):
        pooled.reset_classifier(5, "")


def test_a_new_classifier_is_initialised_as_the_spec_says() -> None:
    net = create("densenet121", num_classes=10)
    assert net.classifier.bias.abs().max() == 0  # PyTorch's own would not be
    weight = create("densenet121", in_chans=1).features.conv0.weight
    assert abs(weight.std().item() - (2 / 49) ** 0.5) < 0.01  # He's, of 1 x 7 x 7


def test_the_rate_of_dropout_is_that_of_the_head() -> None:
    assert create("googlenet").dropout1.p == 0.2  # as the spec says
    assert create("googlenet", drop=0.4).dropout1.p == 0.4
    net = create("googlenet", drop_rate=0.0)
    assert net.dropout1.p == 0.0 and net.aux1.dropout1.p == 0.7
    assert create("googlenet", drop_rate=0.3, num_classes=5).dropout1.p == 0.3


def test_timm_may_give_no_rate_to_a_network_without_dropout() -> None:
    """timm's train.py gives `drop_rate=0.0` to every model."""
    assert create("resnet50", drop_rate=0.0).num_classes == 1000
    with pytest.raises(ValueError, match="no dropout before its classifier"):
        create("resnet50", drop_rate=0.1)


def test_new_parts_lie_where_the_network_does() -> None:
    net = create("densenet121").to(torch.bfloat16)
    net.reset_classifier(3)
    assert net.classifier.weight.dtype == torch.bfloat16


def test_auxiliary_classifiers_follow() -> None:
    net = create("googlenet", num_classes=10).train()
    assert [out.shape for out in net(image("googlenet", 224))] == [(2, 10)] * 3


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(m, marks=[] if m == "mobilenet_100" else [pytest.mark.slow, pytest.mark.ecosystem])
        for m in SIX
    ],
)
def test_gradient_checkpointing(model: str) -> None:
    """The same gradients, and blocks that run a second time in the backward pass."""
    net, x = create(model).train(), image(model)
    for layer in net.modules():
        if isinstance(layer, torch.nn.Dropout | torch.nn.Dropout2d):
            layer.p = 0.0
    runs = 0

    def count(*_: Any) -> None:
        nonlocal runs
        runs += 1

    block = next(m for m in net.modules() if type(m) is getattr(module(model, "timm"), BLOCKS[model]))
    next(m for m in block.modules() if isinstance(m, torch.nn.Conv2d)).register_forward_hook(count)

    def gradients() -> list[Any]:
        net.zero_grad()
        out = net(x)
        (out if isinstance(out, torch.Tensor) else out[0]).square().mean().backward()
        return [p.grad.clone() for p in net.parameters() if p.grad is not None]

    plain = gradients()
    assert runs == 1
    net.set_grad_checkpointing()
    again = gradients()
    assert runs == 3
    for a, b in zip(plain, again, strict=True):
        torch.testing.assert_close(a, b)
    assert copy.deepcopy(net).state_dict().keys() == net.state_dict().keys()
    net.set_grad_checkpointing(False)
    gradients()
    assert runs == 4


#: The class of which each instance is computed again.
BLOCKS = {
    "densenet121": "DenseLayer",
    "resnet50": "Bottleneck",
    "googlenet": "Inception",
    "mobilenet_100": "Separable",
    "se_resnet50": "BottleneckV1",
    "unet256": "Double",
}


@pytest.mark.parametrize("model", ["densenet121", "resnet50", "googlenet", "mobilenet_100", "se_resnet50"])
@pytest.mark.parametrize("coarse", [False, True])
def test_groups_are_in_the_order_of_the_network(model: str, coarse: bool) -> None:
    """Rates that fall from layer to layer: each group holds parameters that follow those of the group before."""
    net = create(model)
    groups = timm.models.group_parameters(net, net.group_matcher(coarse=coarse))
    names = [name for name, _ in net.named_parameters() if not name.startswith("aux")]
    order = [name for _, group in sorted(groups.items()) for name in group if not name.startswith("aux")]
    assert order == names
    assert len(groups) > 4 and (coarse or len(groups) >= len(net.feature_info))
    last = groups[max(groups)]
    assert {name.rpartition(".")[0] for name in last} >= {"classifier", "fc", "last_linear"} & {
        name.rpartition(".")[0] for name in names
    }


def test_embeddings_do_not_decay() -> None:
    net = imported(architecture("vit_b_16", "vit"), "timm").TimmViT()
    assert net.no_weight_decay() == {"class_token", "encoder.pos_embedding"}
    assert net.no_weight_decay() <= dict(net.named_parameters()).keys()


def test_unet_has_no_classifier() -> None:
    net = create("unet256")
    assert net.get_classifier() is None and net.num_classes == 0
    assert not hasattr(net, "forward_head")
    with pytest.raises(ValueError, match="no classifier"):
        create("unet256", num_classes=3)
    with torch.no_grad():
        assert create("unet256", in_chans=3)(image("unet256", channels=3)).shape[0] == 2


def test_the_configuration_says_what_the_spec_does() -> None:
    given = module("densenet121", "timm").default_cfgs["archdsl_densenet121"].cfgs[""]
    plain = type(given)()
    changed = {name for name in vars(given) if getattr(given, name) != getattr(plain, name)}
    assert changed == {
        "pool_size",
        "first_conv",
        "classifier",
    }  # the size and the classes are timm's defaults
    assert given.input_size == (3, 224, 224) and given.num_classes == 1000 and not given.has_weights


def test_no_name_of_timm_is_taken() -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = imported(architecture("resnet18", "resnet"), "timm", "hf")
    assert timm.is_model("resnet18") and timm.is_model("archdsl_resnet18")
    assert timm.model_entrypoint("resnet18").__module__.startswith("timm.")
    assert made.__all__ == ["ResNet", "TimmResNet", "resnet18", "archdsl_resnet18"]


def test_pretrained_weights_are_refused() -> None:
    with pytest.raises(RuntimeError, match=r"[Pp]retrained weights"):
        create("resnet50", pretrained=True)


def test_a_bundle_of_outputs_is_no_classifier() -> None:
    text = """
    network pair {
      input image: [3, 32, 32]
      conv(8, 3, stride=2) -> relu
      a = maxpool(2)
      conv(16, 3) -> relu
      output one = gap -> linear(5)
      output two = gap -> linear(7)
    }
    """
    net = imported(loads(text), "timm").TimmPair().eval()
    assert net.get_classifier() is None
    assert [f["reduction"] for f in net.feature_info] == [2, 4]
    assert [out.shape for out in net(torch.randn(1, 3, 32, 32))] == [(1, 5), (1, 7)]


CHAIN = """
network chain(classes = 10) {
  input image: [3, 32, 32]
  features: { conv(8, 3) -> relu -> maxpool(2) -> conv(16, 3) -> relu }
  pool: gap
  fc: linear(classes)
  output logits
}
"""


def test_a_chain_is_cut_too() -> None:
    net = imported(loads(CHAIN), "timm").TimmChain().eval()
    x = torch.randn(1, 3, 32, 32)
    assert net.forward_features(x).shape == (1, 16, 16, 16)
    assert torch.equal(net.forward_head(net.forward_features(x)), net(x))
    with pytest.raises(ValueError, match="no blocks"):
        net.set_grad_checkpointing()
    net.set_grad_checkpointing(False)


def test_the_number_of_classes_is_said_once() -> None:
    made = imported(loads(CHAIN), "timm")
    with pytest.raises(TypeError, match="num_classes is the number of classes here, not classes"):
        made.TimmChain(classes=4)
    with pytest.raises(TypeError, match="num_classes"):
        timm.create_model("archdsl_chain", classes=4, num_classes=4)
    assert timm.create_model("archdsl_chain", num_classes=4)(torch.randn(1, 3, 32, 32)).shape == (1, 4)


@pytest.mark.parametrize("head", ["squeezenet", "conv"])
def test_a_convolution_may_be_the_classifier(head: str) -> None:
    """As in Network in Network: what keeps the number of classes lies between it and the output."""
    last = (
        "conv(10, 1) -> relu -> gap"
        if head == "squeezenet"
        else "gap -> reshape([16, 1, 1]) -> conv(10, 1) -> flatten"
    )
    text = f"""
    network {head}_head {{
      input image: [3, 32, 32]
      conv(16, 3, stride=2) -> relu -> {last}
      output logits
    }}
    """
    made = imported(loads(text), "timm")
    class_ = next(value for name, value in vars(made).items() if name.startswith("Timm"))
    with torch.no_grad():
        assert class_(num_classes=4)(torch.randn(2, 3, 32, 32)).shape == (2, 4)


def test_pickle() -> None:
    net = create("mobilenet_100")
    net.set_grad_checkpointing()
    again = pickle.loads(pickle.dumps(net))
    with torch.no_grad():
        assert torch.equal(again(image("mobilenet_100")), net(image("mobilenet_100")))


def test_the_signature_is_that_of_timm_models() -> None:
    made = module("resnet50", "timm")
    assert list(inspect.signature(made.archdsl_resnet50).parameters) == ["pretrained", "kwargs"]
    assert "num_classes" in inspect.signature(made.TimmResNet).parameters


def test_features_are_those_on_the_way_down() -> None:
    """What an upsampling gives is no feature of the resolution that it comes back to."""
    text = """
    network hourglass {
      input image: [3, 32, 32]
      conv(8, 3, stride=2) -> relu -> conv(16, 4, stride=4) -> relu -> upsample(4) -> conv(4, 3) -> relu
      output map
    }
    """
    taps = Backbone(archdsl.loads(text)._graph).taps()
    assert [(tap.channels, tap.reduction, tap.path) for tap in taps] == [(8, 2, "relu1"), (16, 8, "relu2")]
