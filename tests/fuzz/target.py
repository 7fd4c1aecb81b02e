"""One target under atheris: `python -m tests.fuzz.target NAME [arguments of libFuzzer]`, in a process of its own."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["archdsl"]):
    from tests.fuzz.mutator import custom_crossover, custom_mutator
    from tests.fuzz.targets import BY_CHOICES, HIDDEN, TARGETS


#: PyTorch imports much at its first use, which is no time of an input's.
WARM = b"network n { input x: [3, 8, 8]; conv(4, 3) -> bn -> relu -> gap -> linear(2); output y }"


def main() -> None:
    name, *arguments = sys.argv[1:]
    again = f"{sys.executable} -m tests.fuzz.target {name}"  # libFuzzer starts itself anew to merge
    own = (
        {}
        if name in BY_CHOICES
        else {
            "custom_mutator": custom_mutator(lambda data, most: atheris.Mutate(data, most)),
            "custom_crossover": custom_crossover,
        }
    )
    if name in ("modules", "programs"):
        TARGETS["modules"](WARM)
    atheris.Setup([again, *arguments], {**TARGETS, **HIDDEN}[name], **own)
    atheris.Fuzz()


main()
