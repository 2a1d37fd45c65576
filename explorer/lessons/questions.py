"""Kinds of questions. An answer is a JSON value, and a browser can send anything; the truth comes from the runs.

truth(traces)                  what is right, computed from the runs of the screen
check(answer)                  the answer as it is kept, or ValueError with a sentence
score(answer, truth)           how near a checked answer comes, in words
pooled(answers, truth, reveal) checked answers of one reader or of a class in one picture, the truth only if `reveal`
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from explorer.engine.diagnostics import spread
from explorer.engine.records import Trace
from explorer.figures.regime_map import lengths, map_of_regimes
from explorer.figures.theme import Picture, axis, layout, power
from explorer.run import regime_map
from explorer.specs import short

Traces = Mapping[str, Trace]
MOST_POINTS = 64  # of a sketch
FURTHEST = 10_000.0  # decades: no sketch lies beyond
NEAR = 1.0  # decades: as near as this counts as right


@dataclass(frozen=True)
class Score:
    """`right`, the verdict in words, and the gap in decades where there is one."""

    right: bool
    sentence: str
    decades: float | None = None


@dataclass(frozen=True)
class Option:
    """One answer to choose: `right(traces)` says whether it holds, `because` what there is to say to who chose it."""

    text: str
    right: Callable[[Traces], bool]
    because: str


@dataclass(frozen=True)
class Choose:
    """One of 2–4 options by name. An answer is a name."""

    options: Mapping[str, Option]

    def truth(self, traces: Traces) -> str:
        """The one option that holds."""
        (name,) = (name for name, option in self.options.items() if option.right(traces))
        return name

    def check(self, answer: Any) -> str:
        """A name of an option."""
        if not isinstance(answer, str) or answer not in self.options:
            raise ValueError(f"answer = {short(answer)} is unknown: choose one of {', '.join(self.options)}")
        return answer

    def score(self, answer: str, truth: str) -> Score:
        """What there is to say to this choice."""
        return Score(answer == truth, self.options[answer].because)

    def pooled(self, answers: Sequence[str], truth: str, reveal: bool = True) -> Picture:
        """How many chose what."""
        counts, names = Counter(answers), list(self.options)
        n = np.array([counts[name] for name in names])
        ticks = ["<br>".join(textwrap.wrap(self.options[name].text, 38)) for name in names]
        if reveal:
            right = names.index(truth)
            ticks[right] = f"<b>✓ {ticks[right]}</b>"
        colours = ["$text" if reveal and name == truth else "$faint@0.7" for name in names]
        bars = {
            "type": "bar",
            "orientation": "h",
            "x": n,
            "y": np.arange(len(names)),
            "text": [str(count) for count in n],
            "textposition": "outside",
            "cliponaxis": False,
            "marker": {"color": colours},
            "hoverinfo": "skip",
        }
        rows = axis(
            range=[len(names) - 0.5, -0.5],
            tickmode="array",
            tickvals=list(range(len(names))),
            ticktext=ticks,
            showgrid=False,
            automargin=True,
        )
        most = axis(range=[0, max(1.15 * int(n.max()), 1)], title={"text": "answers"}, dtick=whole_ticks(n))
        picture = {"data": [bars], "layout": layout(xaxis=most, yaxis=rows, showlegend=False)}
        scores = [self.score(answer, truth) for answer in answers] if reveal else None
        return Picture("What was chosen", picture, counted(len(answers), scores))


@dataclass(frozen=True)
class Magnitude:
    """A positive number on a slider of decades. An answer is its log10, from `low` to `high`.

    `value(traces)` is the number's log10; `unit` follows it in words; `symbol` stands on the axis.
    """

    symbol: str
    low: float
    high: float
    value: Callable[[Traces], float]
    unit: str = ""
    near: float = NEAR

    def truth(self, traces: Traces) -> float:
        """log10 of the number."""
        return float(self.value(traces))

    def check(self, answer: Any) -> float:
        """A number of decades on the slider."""
        if not is_number(answer) or not self.low <= answer <= self.high:
            raise ValueError(
                f"answer = {short(answer)} is not on the slider: choose from 10^{self.low:g} to 10^{self.high:g}"
            )
        return float(answer)

    def written(self, log10: float) -> str:
        """The number with its unit."""
        return power(log10, 2) + self.unit

    def score(self, answer: float, truth: float) -> Score:
        """The gap in decades."""
        gap = abs(answer - truth)
        words = f"You said {self.written(answer)}, it is {self.written(truth)}: {off(gap)}."
        return Score(gap <= self.near, words, gap)

    def pooled(self, answers: Sequence[float], truth: float, reveal: bool = True) -> Picture:
        """The answers as a histogram along the slider, one bar per half decade or more."""
        width = max(0.25, (self.high - self.low) / 40)
        edges = np.arange(self.low - width / 2, self.high + width, width)
        n, _ = np.histogram(np.asarray(answers, dtype=float), edges)
        top = max(int(n.max()), 1)
        data = [
            {
                "type": "bar",
                "x": edges[:-1] + width / 2,
                "y": n,
                "width": width * 0.9,
                "name": "answers",
                "marker": {"color": "$faint@0.7"},
                "hoverinfo": "skip",
            }
        ]
        if reveal:
            data.append({**stroke(np.full(2, truth), np.array([0, 1.1 * top]), "$text", 3.0), "name": "truth"})
        line = decades(self.low, self.high, {"text": self.symbol}, room=width)
        picture = {"data": data, "layout": layout(xaxis=line, yaxis=axis(range=[0, 1.2 * top], dtick=whole_ticks(n)))}
        scores = [self.score(answer, truth) for answer in answers] if reveal else None
        return Picture(f"What was said: {self.symbol}", picture, counted(len(answers), scores))


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


@dataclass(frozen=True)
class Boundary(Drawn):
    """Mark on the map of regimes where the last loss's term turns from shrinking to growing, by medians over seeds.

    Positions are sequence lengths T, decades those of the weight scale.
    """

    def truth(self, traces: Traces) -> Curve:
        """The least scale at which the median grows, between two rows of the map; the map is its backdrop."""
        ((name, trace),) = traces.items()
        regimes = regime_map(trace.config, [name])
        figure, T, scales = map_of_regimes(traces, regimes).figure, lengths(regimes), np.log10(regimes.scales)
        _, median, _ = spread(regimes.ratios[name][..., T - 1])  # (W, lengths)
        edge = np.array([crossing(scales, column) for column in median.T])
        axes = figure["layout"]
        guaranteed = {"γ·σ_max = 1": np.full(len(T), np.log10(np.median(regimes.critical(name))))}
        backdrop = (figure["data"][:1], {"coloraxis": axes["coloraxis"]})
        return Curve(T, edge, "$text", axes["xaxis"], axes["yaxis"], guaranteed, backdrop)


def crossing(x: np.ndarray, y: np.ndarray) -> float:
    """Where y, on straight lines between its points, first rises above 0."""
    i = int(np.argmax(y > 0.0))
    return float(x[i - 1] - y[i - 1] * (x[i] - x[i - 1]) / (y[i] - y[i - 1]))


Question = Choose | Magnitude | Sketch | Boundary


def is_number(value: Any) -> bool:
    """A finite real number; NaN, ∞ and booleans are none."""
    return isinstance(value, Real) and not isinstance(value, bool) and -np.inf < value < np.inf


def off(gap: float) -> str:
    """A gap in decades as a factor: 0.7 decades off, a factor of 5."""
    return f"{gap:.1f} decades off, a factor of {power(gap, 2)}" if gap >= 0.05 else "right on it"


def counted(answers: int, scores: Sequence[Score] | None) -> str:
    """How many answers there are, and how many of them are right; a single one in words."""
    if scores and answers == 1:
        return scores[0].sentence
    words = f"{answers or 'No'} answer{'' if answers == 1 else 's'}"
    right = f", {sum(score.right for score in scores)} right" if scores else ""
    return f"{words}{right}."


def whole_ticks(counts: np.ndarray) -> int:
    """Distance of three or four ticks on an axis of counts: nobody answers by half."""
    return max(1, int(counts.max()) // 3)


def decades(low: float, high: float, title: dict | None, room: float) -> dict:
    """An axis of decades with some room at its ends."""
    parts = {"range": [low - room, high + room], "nticks": 8, "tickprefix": "10<sup>", "ticksuffix": "</sup>"}
    return axis(**parts, **({"title": title} if title else {}))


def stroke(x: np.ndarray, y: np.ndarray, colour: str, width: float, dash: str = "solid") -> dict:
    """A line."""
    style = {"color": colour, "width": width, "dash": dash}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": style, "hoverinfo": "skip"}
