"""`--with hf`: networks that are saved and loaded as the Hugging Face Hub does, without the network."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
hub = pytest.importorskip("huggingface_hub")
safetensors = pytest.importorskip("safetensors.torch")

from tests.integrations.made import SIX, architecture, imported, module  # noqa: E402

pytestmark = [pytest.mark.torch, pytest.mark.slow]


def network(model: str, **settings: Any) -> Any:
    made = module(model, "hf")
    class_ = next(
        value
        for value in vars(made).values()
        if isinstance(value, type)
        and issubclass(value, hub.PyTorchModelHubMixin)
        and value.__module__ == made.__name__
    )
    torch.manual_seed(0)
    return class_(**settings).eval()


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.mark.parametrize("model", SIX)
def test_round_trip(model: str, tmp_path: Path) -> None:
    net = network(model)
    net.save_pretrained(tmp_path)
    again = type(net).from_pretrained(tmp_path).eval()
    weights = safetensors.load_file(tmp_path / "model.safetensors")
    assert weights.keys() == net.state_dict().keys()
    x = torch.randn(1, architecture(model).inputs["image"][0], 128, 128)
    with torch.no_grad():
        assert torch.equal(again(x), net(x))


@pytest.mark.parametrize("model", SIX)
def test_card(model: str, tmp_path: Path) -> None:
    """What the card says is known from the spec: no licence, no task."""
    network(model).save_pretrained(tmp_path)
    card = hub.ModelCard.load(tmp_path / "README.md").data
    assert card.library_name == "pytorch"
    assert set(card.tags) == {"archdsl", model, "model_hub_mixin", "pytorch_model_hub_mixin"}
    assert card.license is None and card.pipeline_tag is None


def test_arguments_of_the_constructor_are_kept(tmp_path: Path) -> None:
    """Those that the network's class takes are JSON, and come back."""
    class_ = type(network("densenet121"))
    taken = dict(class_._hub_mixin_init_parameters)
    numbers = [n for n, p in taken.items() if isinstance(p.default, int)]
    net = class_(**dict.fromkeys(numbers, 7))
    net.save_pretrained(tmp_path)
    if numbers:
        assert json.loads((tmp_path / "config.json").read_text(encoding="utf-8")) == dict.fromkeys(numbers, 7)
    again = class_.from_pretrained(tmp_path)
    assert {k: v.shape for k, v in again.state_dict().items()} == {
        k: v.shape for k, v in net.state_dict().items()
    }


def test_with_timm_too(tmp_path: Path) -> None:
    """Models that timm makes have the methods as well, and their own arguments come back."""
    from tests.zoo.oracles import timm_models

    timm = timm_models()
    made = imported(architecture("mobilenet_075", "mobilenet"), "timm", "hf")
    net = timm.create_model("archdsl_mobilenet_075", num_classes=5)
    net.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))["num_classes"] == 5
    assert type(net).from_pretrained(tmp_path).num_classes == 5
    assert isinstance(net, made.TimmMobileNet)


def test_without_the_package_the_error_names_it(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        architecture("mobilenet_100").source(with_=["hf", "timm"]), encoding="utf-8"
    )
    for package in ("huggingface_hub", "timm"):
        probe = f"import sys; sys.modules[{package!r}] = None; import net"
        done = subprocess.run(
            [sys.executable, "-c", probe], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        last = done.stderr.splitlines()[-1]
        assert last.startswith("ModuleNotFoundError: ") and package in last, done.stderr
    assert "\nNeeds: torch, huggingface_hub, timm\n" in (tmp_path / "net.py").read_text(encoding="utf-8")
