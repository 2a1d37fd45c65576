"""One look for all pictures: colours that keep their meaning, fonts, axes, and how numbers are written.

A colour in a figure is a name, "$tanh" or "$tanh@0.3" (with opacity), so that the same figure serves the light and
the dark theme; the browser, or `plotly_figure`, puts the colour in.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from explorer.config import VARIANTS

SPARE = ("#3300ff", "#ffcc00")  # of an activation or a cell that has not been given a colour yet

# name: (light theme, dark theme). The five meanings have the hues of Okabe & Ito's colours, told apart in every colour
# blindness; they are so dark or light that tanh and sigmoid, and full, truncated and clipped, differ in grey as well.
COLOURS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(VARIANTS, SPARE),
    "tanh": ("#016aa6", "#a1d8ff"),
    "sigmoid": ("#e16811", "#fc8f45"),
    "relu": ("#7b2fd0", "#a06bff"),
    "identity": ("#5f6b76", "#a9b4bf"),
    "lstm": ("#7a5c00", "#9a7d2e"),
    "gru": ("#8a0018", "#d6304a"),
    "one": ("#016aa6", "#a1d8ff"),  # variants of anything else, in their order
    "two": ("#e16811", "#fc8f45"),
    "three": ("#7b2fd0", "#a06bff"),
    "four": ("#5f6b76", "#a9b4bf"),
    "full": ("#1a1a2e", "#f2f2f2"),
    "truncated": ("#a92877", "#de7ab4"),
    "clipped": ("#1e926d", "#54e3b6"),
    "text": ("#31333f", "#fafafa"),
    "faint": ("#6b7280", "#9aa3ad"),
    "grid": ("#e3e6ea", "#31363f"),
    "low": ("#2166ac", "#4da3ff"),
    "middle": ("#f7f7f7", "#14171c"),
    "high": ("#b2182b", "#ff7059"),
    "missing": ("#ffd500", "#ffd500"),
}

TOKEN = re.compile(r"^\$(\w+)(?:@([\d.]+))?$")
READ = ("text", "ticktext", "name", "x", "y")
MARGIN = {"l": 56, "r": 58, "t": 6, "b": 44}  # the same everywhere, so that time axes stand under one another


@dataclass(frozen=True)
class Picture:
    """A figure with its title and the one sentence that says what it shows, computed from the same run."""

    title: str
    figure: dict[str, Any]
    sentence: str


@dataclass(frozen=True)
class Film(Picture):
    """A picture of which some traces move.

    frames[n] holds the new points after n updates, {x, y, z} or some of these, of the traces `moving` (their places in
    the figure's data); words[n] says what happens then.
    """

    moving: tuple[int, ...] = ()
    frames: tuple[list[dict[str, Any]], ...] = ((),)
    words: tuple[str, ...] = ("",)


def layout(**parts: Any) -> dict[str, Any]:
    """A Plotly layout in the house style."""
    return {
        "margin": MARGIN,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 13, "color": "$text", "family": "Source Sans, Source Sans Pro, sans-serif"},
        "hovermode": "closest",
        "uirevision": "zoom stays",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        **parts,
    }


def axis(**parts: Any) -> dict[str, Any]:
    """An axis in the house style."""
    lines = {"gridcolor": "$grid", "zeroline": False, "linecolor": "$grid"}
    return {**lines, "ticks": "outside", "ticklen": 3, "ticklabeloverflow": "allow", **parts}


def time_axis(T: int, **parts: Any) -> dict[str, Any]:
    """Steps 1…T, half a step of room on either side. A zoom holds while T does.

    Of small multiples the lowest has the numbers and the name; what has letters for ticks names itself.
    """
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200) if n * 12 >= T)
    named = {"title": {"text": "step t"}} if parts.get("showticklabels", True) and "ticktext" not in parts else {}
    return axis(range=[0.5, T + 0.5], tick0=0, dtick=every, tickangle=0, uirevision=f"T = {T}", **named | parts)


def decades_axis(low: float, high: float, **parts: Any) -> dict[str, Any]:
    """An axis whose data are log10 of the quantity, written as powers of ten."""
    return axis(**{"range": [low, high], "nticks": 7, "tickprefix": "10<sup>", "ticksuffix": "</sup>", **parts})


# Where an axis of decades may end, below and above: coarse steps, so that it rarely jumps under a slider.
DEPTHS = (5.0, 12, 20, 30, 50, 80, 120, 160, 200, 300, 500, 800, 1200, 2000, 5000, 10000)
HEIGHTS = (1.0, 10, 30, 100, 300, 1000, 3000, 10000)


def decades_range(*lines: np.ndarray) -> tuple[float, float]:
    """A range of decades that holds all finite values."""
    values = np.concatenate([np.ravel(line) for line in lines])
    values = values[np.isfinite(values)]
    least, most = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    low = -next((end for end in DEPTHS if end >= 0.3 - least), np.ceil(0.3 - least))
    high = next((end for end in HEIGHTS if end >= 0.3 + most), np.ceil(0.3 + most))
    return float(low), float(max(high, -0.06 * low))  # 10⁰ keeps clear of the upper edge, or its label would be dropped


def rows_domain(n: int, gap: float) -> list[list[float]]:
    """n small multiples on top of one another: the y domain of each, first on top."""
    height = (1.0 - gap * (n - 1)) / n
    bottoms = [round(i * (height + gap), 6) for i in reversed(range(n))]
    return [[bottom, min(round(bottom + height, 6), 1.0)] for bottom in bottoms]


def resolve(node: Any, dark: bool) -> Any:
    """The figure with every "$name" replaced by its colour, but in what is read: a text may have a word "$full"."""
    if isinstance(node, dict):
        return {key: value if key in READ else resolve(value, dark) for key, value in node.items()}
    if isinstance(node, list):
        return [resolve(value, dark) for value in node]
    if isinstance(node, str) and (match := TOKEN.match(node)):
        rgb = COLOURS[match[1]][dark]
        r, g, b = (int(rgb[i : i + 2], 16) for i in (1, 3, 5))
        return rgb if match[2] is None else f"rgba({r},{g},{b},{match[2]})"
    return node


def plotly_figure(picture: Picture, dark: bool = False):
    """The picture as a `plotly.graph_objects.Figure`."""
    import plotly.graph_objects as go  # slow to import, and the live board does not need it

    if "pandas" in sys.modules:  # Plotly looks it up there, and finds half of it while another session loads it
        import_module("pandas")  # waits until that is done

    return go.Figure(resolve(picture.figure, dark))


SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(x: float, digits: int = 3) -> str:
    """A number as a book prints it: 0.034, 1.76, 12 400 → 1.24·10⁴."""
    if not np.isfinite(x):
        return "∞" if x > 0 else "−∞" if x < 0 else "undefined"
    if x == 0:
        return "0"
    return power(float(np.log10(abs(x))), digits, "−" if x < 0 else "")


def power(log10: float, digits: int = 3, sign: str = "") -> str:
    """10^log10 as a book prints it, however small or large: 0.21, 4.7, 3.1·10⁻⁴⁰."""
    if log10 == -np.inf:
        return "0"
    if not np.isfinite(log10):
        return "undefined" if np.isnan(log10) else "∞"
    exponent = int(np.floor(log10))
    mantissa = round(10.0 ** (log10 - exponent), digits - 1)
    if mantissa >= 10.0:
        exponent, mantissa = exponent + 1, 1.0
    if -3 <= exponent < 4:
        return sign + f"{mantissa * 10.0**exponent:.{max(digits - 1 - exponent, 0)}f}"
    return sign + f"{mantissa:.{digits - 1}f}·10{str(exponent).translate(SUPERSCRIPT)}"


def steps(n: int) -> str:
    """1 step, 2 steps."""
    return f"{n} step" if n == 1 else f"{n} steps"
