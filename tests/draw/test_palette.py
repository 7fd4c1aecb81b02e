"""The colours of drawings, as eyes with and without three kinds of cones see them, and in grey print."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import dist

import pytest

from archdsl.draw import palette

#: What people see who lack one kind of cones, in linear RGB (Machado, Oliveira and Fernandes, 2009, Table 1).
SIGHT = {
    "all cones": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}
COLOURS = {**palette.FILLS, "other": palette.OTHER}
#: A difference in CIELAB that is just noticed.
NOTICED = 2.3


def linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def seen(colour: str, sight: str) -> list[float]:
    light = linear(colour)
    mixed = (sum(a * b for a, b in zip(row, light, strict=True)) for row in SIGHT[sight])
    return [min(1.0, max(0.0, c)) for c in mixed]


def luminance(light: list[float]) -> float:
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), light, strict=True))


def lab(light: list[float]) -> tuple[float, float, float]:
    red, green, blue = light
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (
        t ** (1 / 3) if t > 216 / 24389 else t * 841 / 108 + 4 / 29 for t in (x, luminance(light), z)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def contrast(a: str, b: str) -> float:
    """As WCAG 2 counts it."""
    dark, light = sorted(luminance(linear(colour)) for colour in (a, b))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
def test_groups_are_told_apart(sight: str) -> None:
    places = {group: lab(seen(colour, sight)) for group, colour in COLOURS.items()}
    near = {pair: dist(places[pair[0]], places[pair[1]]) for pair in combinations(places, 2)}
    assert min(near.values()) > 1.5 * NOTICED, min(near, key=lambda pair: near[pair])


def test_groups_are_told_apart_in_grey() -> None:
    shades = sorted(lab(linear(colour))[0] for colour in COLOURS.values())
    assert min(b - a for a, b in pairwise(shades)) > NOTICED


@pytest.mark.parametrize("sight", SIGHT)
def test_shares_are_in_order(sight: str) -> None:
    shades = [lab(seen(colour, sight))[0] for colour in palette.SHADES]
    assert all(a - b > NOTICED for a, b in pairwise(shades))


@pytest.mark.parametrize("ground", [*COLOURS.values(), *palette.SHADES, palette.END])
def test_letters_are_legible(ground: str) -> None:
    assert contrast("#000000", ground) >= 4.5
    assert contrast(palette.INK, ground) >= 4.5


def test_letters_on_frames_are_legible() -> None:
    grounds = (palette.PLAIN, *palette.CLUSTERS)
    assert all(contrast(palette.FAINT, ground) >= 4.5 for ground in grounds)


def test_a_shade_says_its_share() -> None:
    assert palette.shade(0) == palette.SHADES[0]
    assert [palette.shade(share) for share in palette.SHARES] == [*palette.SHADES[1:], palette.SHADES[-1]]
