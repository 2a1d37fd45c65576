"""A pad to sketch a curve of decades over steps, by mouse, finger or keyboard, before the true one is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.figures.theme import time_axis
from explorer.lessons.questions import MOST_POINTS, Curve
from explorer.live.component import mount_component


def sketch(key: str, curve: Curve, label: str, on_event: Callable[[], None]) -> None:
    """Mount the pad on the axes of `curve`, whose values stay here. An event is {"values": decades at n even steps}."""
    mount_component("sketch", key, pad(curve, label), on_event)


def pad(curve: Curve, label: str) -> dict[str, Any]:
    """What the pad shows: axes, their ticks, and the lines that are given."""
    n = min(curve.T, MOST_POINTS)
    at = np.linspace(1, curve.T, n)
    every = time_axis(curve.T)["dtick"]
    apart = next(d for d in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if 8 * d >= curve.high - curve.low)
    first = apart * np.ceil(curve.low / apart)
    return {
        "label": label,
        "steps": at.tolist(),
        "range": [curve.low, curve.high],
        "x": [[t, str(t)] for t in range(every, curve.T + 1, every)],
        "y": [[y, f"{y:g}"] for y in np.arange(first, curve.high + apart / 8, apart).tolist()],
        "given": [
            {"name": name, "values": np.interp(at, np.arange(1, curve.T + 1), values).tolist()}
            for name, values in curve.given.items()
        ],
    }
