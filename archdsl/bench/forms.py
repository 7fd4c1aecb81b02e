"""The forms in which a module is run: as written, in channels-last, through a compiler, as a CUDA graph."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """A way to run a module. `target` is what it is made ready for: `eager`, `compile` or `cuda-graph`.

    `compiled` is through `torch.compile`, with `freezing` its weights as constants, with `mode` as it calls its own
    modes; `captured` replays a CUDA graph. `only` are the device and the purpose that it is for, or "".
    """

    name: str
    target: str
    channels_last: bool = False
    compiled: bool = False
    freezing: bool = False
    mode: str | None = None
    captured: bool = False
    only: tuple[str, str] = ("", "")
    #: made by archdsl for the target
    rewritten: bool = False

    def fits(self, device: str, purpose: str) -> bool:
        """Whether it can be run on a kind of device, for inference or training."""
        return all(mine in ("", given) for mine, given in zip(self.only, (device, purpose), strict=True))


AS_WRITTEN = Form("as written", "eager")
CHANNELS_LAST = Form("channels-last", "eager", channels_last=True)

#: Of a module that someone wrote.
FORMS = (
    AS_WRITTEN,
    CHANNELS_LAST,
    Form("compile", "compile", compiled=True),
    Form("compile, channels-last", "compile", channels_last=True, compiled=True),
    Form("compile, freezing", "compile", compiled=True, freezing=True, only=("cpu", "inference")),
    Form("cuda graph", "cuda-graph", captured=True, only=("cuda", "")),
    Form("cuda graph, channels-last", "cuda-graph", channels_last=True, captured=True, only=("cuda", "")),
    Form("compile, reduce-overhead", "cuda-graph", compiled=True, mode="reduce-overhead", only=("cuda", "")),
    Form(
        "compile, reduce-overhead, channels-last",
        "cuda-graph",
        channels_last=True,
        compiled=True,
        mode="reduce-overhead",
        only=("cuda", ""),
    ),
)

#: Of a module that archdsl rewrote: it applies channels-last by itself.
REWRITTEN = (
    Form("rewritten", "eager", rewritten=True),
    Form("rewritten, compile", "compile", compiled=True, rewritten=True),
    Form(
        "rewritten, compile, freezing",
        "compile",
        compiled=True,
        freezing=True,
        only=("cpu", "inference"),
        rewritten=True,
    ),
    Form("rewritten, cuda graph", "cuda-graph", captured=True, only=("cuda", ""), rewritten=True),
    Form(
        "rewritten, compile, reduce-overhead",
        "cuda-graph",
        compiled=True,
        mode="reduce-overhead",
        only=("cuda", ""),
        rewritten=True,
    ),
)


def chosen(forms: tuple[Form, ...], targets: tuple[str, ...], device: str, purpose: str) -> list[Form]:
    """Those of some targets that can be run."""
    return [form for form in forms if form.target in targets and form.fits(device, purpose)]
