"""One target under atheris: `python -m tests.fuzz.target NAME [arguments of libFuzzer]`, in a process of its own."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["archdsl"]):
    from tests.fuzz.mutator import custom_crossover, custom_mutator
    from tests.fuzz.targets import BY_CHOICES, TARGETS


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
    atheris.Setup([again, *arguments], TARGETS[name], **own)
    atheris.Fuzz()


main()
