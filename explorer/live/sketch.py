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
    n = min(len(curve.x), MOST_POINTS)
    at = np.linspace(curve.x[0], curve.x[-1], n)
    return {
        "label": label,
        "at": at.tolist(),
        "range": [list(map(float, curve.xaxis["range"])), list(curve.range)],
        "titles": [curve.xaxis["title"]["text"], curve.yaxis.get("title", {}).get("text", "")],
        "x": [[x, [f"{x:g}"]] for x in whole_ticks(curve)],
        "y": decade_ticks(curve),
        "given": [
            {"name": name, "values": np.interp(at, curve.x, values).tolist()} for name, values in curve.given.items()
        ],
    }


def whole_ticks(curve: Curve) -> list[int]:
    """Round positions along the axis, as many as the picture has."""
    last = int(curve.x[-1])
    every = int(time_axis(last)["dtick"])
    return list(range(every, last + 1, every))


def decade_ticks(curve: Curve) -> list[list]:
    """[where, [what is written, what is raised]]: the picture's own ticks, or round powers of ten."""
    low, high = curve.range
    if "tickvals" in curve.yaxis:
        ticks = zip(curve.yaxis["tickvals"], curve.yaxis["ticktext"], strict=True)
        return [[value, [text]] for value, text in ticks if low <= value <= high]
    apart = next(d for d in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if 8 * d >= high - low)
    return [[y, ["10", f"{y:g}"]] for y in np.arange(apart * np.ceil(low / apart), high + apart / 8, apart).tolist()]
