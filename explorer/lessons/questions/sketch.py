"""Sketch a curve on the axes of the picture to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.figures.theme import Picture, layout
from explorer.lessons.questions.common import NEAR, Score, Traces, counted, is_number, off, stroke
from explorer.specs import short

MOST_POINTS = 64  # of a sketch
FURTHEST = 10_000.0  # decades: no sketch lies beyond


@dataclass(frozen=True, eq=False)
class Curve:
    """What is to be drawn: log10 `values` at positions `x`, in `colour`; the axes of its picture; curves `given` in it.

    backdrop   what is laid under it when it is shown: (data, layout) of a figure
    """

    x: np.ndarray
    values: np.ndarray
    colour: str
    xaxis: Mapping[str, Any]
    yaxis: Mapping[str, Any]
    given: Mapping[str, np.ndarray]
    backdrop: tuple[Sequence[dict], Mapping[str, Any]] = ((), {})

    @property
    def range(self) -> tuple[float, float]:
        """The ends of the axis of decades."""
        low, high = self.yaxis["range"]
        return float(low), float(high)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A curve drawn by hand. An answer is a list of 2…64 decades at even positions along the axis."""

    near: float = NEAR

    def check(self, answer: Any) -> list[float]:
        """2…64 numbers of decades."""
        if not isinstance(answer, list) or not 2 <= len(answer) <= MOST_POINTS:
            raise ValueError(f"answer = {short(answer)} is not a sketch: a list of 2 to {MOST_POINTS} numbers")
        for value in answer:
            if not is_number(value) or abs(value) > FURTHEST:
                raise ValueError(f"the sketch holds {short(value)}: every entry is a number from -10,000 to 10,000")
        return [float(value) for value in answer]

    def resampled(self, answer: Sequence[float], truth: Curve) -> np.ndarray:
        """The drawn curve at the positions of the true one, within the axis."""
        drawn_at = np.linspace(truth.x[0], truth.x[-1], len(answer))
        return np.clip(np.interp(truth.x, drawn_at, answer), *truth.range)

    def score(self, answer: Sequence[float], truth: Curve) -> Score:
        """mean |drawn − true| in decades, along the axis."""
        gap = float(np.abs(self.resampled(answer, truth) - truth.values).mean())
        return Score(gap <= self.near, f"On average your curve is {off(gap)}.", gap)

    def pooled(self, answers: Sequence[Sequence[float]], truth: Curve, reveal: bool = True) -> Picture:
        """All drawn curves over one another, and the true one on top."""
        under, look = truth.backdrop if reveal else ((), {})
        data = [*under]
        data += [{**stroke(truth.x, y, "$text@0.6", 1.5, "dot"), "name": name} for name, y in truth.given.items()]
        faint = max(0.08, min(0.75, 3.0 / max(len(answers), 1)))
        for i, answer in enumerate(answers):
            drawn = stroke(truth.x, self.resampled(answer, truth), f"$text@{faint:.2f}", 3.0)
            data.append({**drawn, "name": "drawn", "showlegend": i == 0})
        if reveal:
            data.append({**stroke(truth.x, truth.values, truth.colour, 4.0), "name": "true"})
        axes = {"xaxis": {**truth.xaxis, "showticklabels": True}, "yaxis": truth.yaxis}
        scores = [self.score(answer, truth) for answer in answers] if reveal else None
        picture = {"data": data, "layout": layout(**look, **axes, showlegend=True)}
        return Picture("Drawn and true" if reveal else "What was drawn", picture, counted(len(answers), scores))


@dataclass(frozen=True)
class Sketch(Drawn):
    """Draw one line of a picture before it is shown, on its axes; lines named in `given` are there already."""

    picture: Callable[[Traces], Picture]
    line: str
    given: tuple[str, ...] = ()

    def truth(self, traces: Traces) -> Curve:
        """The line, out of the picture; what lies beyond the axis, exact zeros too, is drawn at its edge."""
        figure = self.picture(traces).figure
        axes, lines = figure["layout"], {line["name"]: line for line in figure["data"]}
        drawn = {n: np.clip(lines[n]["y"].astype(float), *axes["yaxis"]["range"]) for n in (self.line, *self.given)}
        x, values, colour = lines[self.line]["x"], drawn.pop(self.line), lines[self.line]["line"]["color"]
        steps = {**axes["xaxis"], "title": {"text": "step t"}}
        return Curve(x, values, colour.partition("@")[0], steps, axes["yaxis"], drawn)
