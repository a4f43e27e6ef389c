import numpy as np
import pytest
from numpy.typing import NDArray

from controlllm_tools.media.palette import colour_name, palette


def pixels(*parts: tuple[tuple[int, int, int], int]) -> NDArray[np.uint8]:
    return np.concatenate([np.tile(np.uint8(colour), (count, 1)) for colour, count in parts])


def test_shares_are_those_of_the_pixels_and_the_largest_comes_first() -> None:
    found = palette(pixels(((30, 60, 200), 200), ((210, 30, 30), 700), ((250, 250, 250), 100)))
    assert [(s.name, s.rgb, s.share) for s in found] == [
        ("red", "#d21e1e", 0.7),
        ("blue", "#1e3cc8", 0.2),
        ("white", "#fafafa", 0.1),
    ]


def test_one_colour_makes_a_palette_of_one() -> None:
    assert [swatch.share for swatch in palette(pixels(((9, 9, 9), 50)))] == [1.0]


def test_a_single_pixel_has_a_palette() -> None:
    assert [(s.rgb, s.share) for s in palette(pixels(((9, 90, 200), 1)))] == [("#095ac8", 1.0)]


def test_the_same_pixels_give_the_same_palette() -> None:
    many = np.random.default_rng(1).integers(0, 256, (4_000, 3), dtype=np.uint8)
    assert palette(many) == palette(many)
    assert sum(swatch.share for swatch in palette(many)) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0, 0, 0), "black"),
        ((128, 128, 128), "grey"),
        ((255, 255, 255), "white"),
        ((230, 20, 20), "red"),
        ((255, 140, 0), "orange"),
        ((255, 235, 30), "yellow"),
        ((40, 160, 50), "green"),
        ((0, 150, 150), "teal"),
        ((30, 60, 210), "blue"),
        ((10, 20, 80), "dark blue"),
        ((130, 40, 190), "purple"),
        ((255, 150, 180), "pink"),
        ((120, 75, 40), "brown"),
        ((225, 205, 165), "beige"),
        ((170, 205, 240), "light blue"),
    ],
)
def test_colours_are_called_what_people_call_them(rgb: tuple[int, int, int], name: str) -> None:
    assert palette(pixels((rgb, 4)))[0].name == name


def test_every_colour_has_a_name() -> None:
    for lightness in range(0, 101, 10):
        for green_red in range(-100, 101, 20):
            for blue_yellow in range(-100, 101, 20):
                assert colour_name(lightness, green_red, blue_yellow)
