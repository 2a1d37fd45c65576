"""Colours that keep their meaning for every reader, and numbers as a book prints them."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from explorer.config import VARIANTS, Config
from explorer.engine.activations import ACTIVATIONS
from explorer.figures.clipping import clipping
from explorer.figures.gradient_terms import gradient_terms
from explorer.figures.theme import COLOURS, decades_range, number, power, resolve
from explorer.figures.truncation import full_against_truncated
from explorer.run import compare

THEMES = ("light", "dark")
PAGE = {"light": "#ffffff", "dark": "#0e1117"}  # Streamlit's backgrounds
MEANINGS = ("tanh", "sigmoid", "full", "truncated", "clipped")
GATED = [name for name in VARIANTS if name not in ACTIVATIONS]
TOGETHER = {*combinations(MEANINGS, 2), *combinations(VARIANTS, 2), *((a, "clipped") for a in ACTIVATIONS)}
TOGETHER = sorted(TOGETHER | {(a, b) for a in GATED for b in MEANINGS})

# What a colour becomes for a reader without one kind of cone, in linear RGB: Machado, Oliveira & Fernandes (2009),
# "A physiologically-based model for simulation of color vision deficiency", severity 1.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour):
    """sRGB hex → linear RGB in 0…1."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """Linear RGB → CIE L*a*b* under D65; distance in it is ΔE (1976)."""
    t = XYZ @ np.clip(rgb, 0, 1) / XYZ.sum(axis=1)
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(a, b):
    """WCAG 2 contrast ratio."""
    darker, lighter = sorted(float(XYZ[1] @ linear(c)) for c in (a, b))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", THEMES)
def test_colours_are_told_apart(theme, vision):
    """ΔE ≥ 10 between every two that stand in one picture: for any colour vision, in both themes."""
    seen = {name: lab(VISIONS[vision] @ linear(COLOURS[name][theme == "dark"])) for name in {*MEANINGS, *VARIANTS}}
    close = {pair: d for pair in TOGETHER if (d := np.linalg.norm(seen[pair[0]] - seen[pair[1]])) < 10}
    assert close == {}


def greyness(name, theme):
    """CIE L* of a colour: all that a grey print or a weak projector leaves of it."""
    return lab(np.repeat(XYZ[1] @ linear(COLOURS[name][theme == "dark"]), 3))[0]


IN_GREY = 12  # of the 100 between black and white


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_compared_differs_in_grey(theme):
    pairs = [("tanh", "sigmoid"), ("one", "two"), *combinations(("full", "truncated", "clipped"), 2)]
    assert {
        pair: d for pair in pairs if (d := abs(greyness(pair[0], theme) - greyness(pair[1], theme))) < IN_GREY
    } == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("picture", [full_against_truncated, gradient_terms, clipping], ids=lambda p: p.__name__)
def test_what_is_alike_in_grey_differs_in_form(picture, theme):
    """Every two colours of one legend differ in grey, or what has them in dash, in symbol, or as line and mark."""
    data = picture(compare(Config(sequence_length=20), ("tanh", "sigmoid"))).figure["data"]
    keys = [trace for trace in data if trace.get("name") and trace.get("showlegend", True) and "fill" not in trace]
    assert len(keys) >= 4
    for a, b in combinations(keys, 2):
        forms, tokens = zip(*(form(trace) for trace in (a, b)), strict=True)
        grey = abs(greyness(tokens[0], theme) - greyness(tokens[1], theme))
        assert tokens[0] == tokens[1] or forms[0] != forms[1] or grey >= IN_GREY, (a["name"], b["name"])


def form(trace):
    """Everything about the look of a trace but its colour; and that."""
    look = trace["line"] if trace["mode"] == "lines" else trace["marker"]
    return (trace["mode"], look.get("dash", "solid"), look.get("symbol")), look["color"][1:].partition("@")[0]


@pytest.mark.parametrize("name", sorted({*MEANINGS, *VARIANTS, "faint", "low", "high"}))
@pytest.mark.parametrize("theme", THEMES)
def test_colours_stand_out_from_the_page(theme, name):
    """WCAG 2.2, 1.4.11: graphics need 3:1."""
    assert contrast(COLOURS[name][theme == "dark"], PAGE[theme]) >= 3


@pytest.mark.parametrize("theme", THEMES)
def test_text_can_be_read(theme):
    """WCAG 2.2, 1.4.3: text needs 4.5:1."""
    assert contrast(COLOURS["text"][theme == "dark"], PAGE[theme]) >= 4.5


@pytest.mark.parametrize(("name", "pair"), COLOURS.items())
def test_colours_are_hex(name, pair):
    """board.js reads them so."""
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in pair)
    for dark in (False, True):
        assert resolve(f"${name}", dark) == pair[dark]
        assert re.fullmatch(r"rgba\(\d+,\d+,\d+,0\.3\)", resolve(f"${name}@0.3", dark))


def test_whatever_can_be_compared_has_a_colour():
    assert VARIANTS.keys() <= COLOURS.keys()


def test_every_colour_in_the_sources_has_a_name():
    """A token with a typing error would reach Plotly as it is."""
    sources = (Path(__file__).parents[2] / "explorer" / "figures").glob("*.py")
    used = {name for path in sources for name in re.findall(r'"\$(\w+)', path.read_text(encoding="utf-8"))}
    assert used - COLOURS.keys() == {"name"}  # of theme.py's own explanation


def test_what_is_read_is_not_a_colour():
    """A text of one's own may have words like these."""
    figure = {"x": ["$full", "$nobody"], "name": "$tanh", "xaxis": {"ticktext": ["$full"], "title": {"text": "$full"}}}
    assert resolve(figure, False) == figure


def test_resolve_leaves_the_figure_alone():
    figure = {"a": ["$tanh", {"b": "$full@0.5"}], "c": "costs $5", "n": 3}
    before = json.dumps(figure)
    assert resolve(figure, False) == {"a": ["#016aa6", {"b": "rgba(26,26,46,0.5)"}], "c": "costs $5", "n": 3}
    assert json.dumps(figure) == before


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0341, "0.0341"),
        (1.764, "1.76"),
        (0.9996, "1.00"),
        (999.9, "1000"),
        (12400, "1.24·10⁴"),
        (-3, "−3.00"),
        (0, "0"),
        (3.1e-40, "3.10·10⁻⁴⁰"),
        (9.999e-5, "1.00·10⁻⁴"),
        (np.inf, "∞"),
        (-np.inf, "−∞"),
        (np.nan, "undefined"),
    ],
)
def test_number(x, text):
    assert number(x) == text


@pytest.mark.parametrize(
    ("log10", "text"),
    [(-400.5, "3.16·10⁻⁴⁰¹"), (500, "1.00·10⁵⁰⁰"), (-np.inf, "0"), (np.inf, "∞"), (np.nan, "undefined")],
)
def test_power(log10, text):
    """Beyond what a float can hold."""
    assert power(log10) == text


@pytest.mark.parametrize(
    "line", [[-0.1, -3.0], [-308.0, 0.0], [5.0, 7.0], [np.nan, -np.inf], [], [-90_000.0, 40_000.0]], ids=str
)
def test_decades_range(line):
    """Holds every finite value, at least five decades, and 10⁰."""
    low, high = decades_range(np.array(line))
    finite = [x for x in line if np.isfinite(x)]
    assert low <= min([*finite, -5.0])
    assert high >= max([*finite, 0.0])
    assert np.isfinite([low, high]).all()
