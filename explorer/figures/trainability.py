"""Success against length, and what reaches the first step before training begins."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.cells import CELLS
from explorer.figures.regime_map import DECADES
from explorer.figures.theme import Picture, axis, decades_axis, decades_range, layout, power
from explorer.figures.training_curves import line
from explorer.training.trainability import METHODS, Job, shares, wilson

LENGTH_AXIS = {"title": {"text": "sequence length T", "standoff": 2}}


def success(results: Mapping[Job, int], budget: int) -> Picture:
    """Share of seeds that solved temporal order within the budget, with 95% Wilson intervals."""
    data, words = [], []
    found, longest = shares(results), max((T for _, T, _ in results), default=10)
    counted = {method: found[method] for method in METHODS if method in found}
    for i, (method, by_length) in enumerate(counted.items()):
        ink, T = ink_of(method), np.array(list(by_length), dtype=float)
        share = np.array([solved / n for solved, n in by_length.values()])
        low, high = np.array([wilson(solved, n) for solved, n in by_length.values()]).T
        data.append(
            {
                **line(T + 0.006 * longest * (i - 1.5), share, method, f"${ink}", 2.5),  # beside one another
                "customdata": T,
                "mode": "lines+markers",
                "marker": {"symbol": "circle-open", "size": 7, "color": f"${ink}"},
                "error_y": {
                    "array": high - share,
                    "arrayminus": share - low,
                    "color": f"${ink}@0.5",
                    "thickness": 2,
                    "width": 0,
                },
            }
        )
        solved = [length for length, (yes, n) in by_length.items() if yes == n]
        words.append(f"{method} every seed up to T = {max(solved)}" if solved else f"{method} at no length every seed")
    seeds = max((n for by_length in counted.values() for _, n in by_length.values()), default=0)
    return Picture(
        f"Share of {seeds} seeds that solve temporal order within {budget} updates",
        {
            "data": data,
            "layout": layout(
                xaxis=axis(range=[0, longest * 1.06], **LENGTH_AXIS),
                yaxis=axis(range=[-0.03, 1.05], tickformat=".0%", title={"text": "seeds that solve it"}),
            ),
        },
        "Solved: " + "; ".join(words) + "." if words else "Nothing tried yet.",
    )


def ink_of(method: str) -> str:
    """A gated cell has its own colour, clipping its own, and what is left is the plain network."""
    config = METHODS[method]
    return config.cell if CELLS[config.cell].gated else "clipped" if config.clip != "none" else "full"


def before_training(reached: Mapping[int, float], results: Mapping[Job, int]) -> Picture:
    """‖∂L_T/∂h_1‖/‖∂L_T/∂h_T‖ of the untrained vanilla network over T: what the map of regimes shows, in its colours.
    And up to where half of the seeds learn.
    """
    T, ratio = np.array(list(reached)), np.array(list(reached.values()))
    low, high = decades_range(ratio)
    column = {"color": np.clip(ratio, -DECADES, DECADES), "coloraxis": "coloraxis", "symbol": "square", "size": 13}
    data = [{**line(T, ratio, "median over seeds", "$faint", 1.5), "mode": "lines+markers", "marker": column}]
    data[0]["showlegend"] = False
    bar = {"thickness": 9, "outlinewidth": 0, "x": 1.01, "xpad": 0, "nticks": 5, "tickprefix": "10<sup>"}
    colours = {"cmin": -DECADES, "cmax": DECADES, "colorscale": [[0, "$low"], [0.5, "$middle"], [1, "$high"]]}
    learnt = []
    for method, by_length in shares(results).items():
        half = [length for length, (solved, n) in by_length.items() if 2 * solved >= n and length in reached]
        if METHODS[method].cell == "rnn" and half:
            learnt.append(f"{method} up to T = {max(half)}, where {power(reached[max(half)], 2)} arrives")
    return Picture(
        "Before training: ‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖ in the colours of the map",
        {
            "data": data,
            "layout": layout(
                coloraxis={**colours, "colorbar": {**bar, "ticksuffix": "</sup>"}},
                xaxis=axis(range=[0, float(T.max()) * 1.06], **LENGTH_AXIS),
                yaxis=decades_axis(low, high),
            ),
        },
        f"From {power(ratio[0], 2)} at T = {T[0]} to {power(ratio[-1], 2)} at T = {T[-1]}, median over seeds. "
        + (f"Half of the seeds learn: {'; '.join(learnt)}. " if learnt else "")
        + "It predicts where learning gets hard, not where it ends: weights change, and with them the chain.",
    )
