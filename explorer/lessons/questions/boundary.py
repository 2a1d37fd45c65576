"""Mark the boundary on the map of regimes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.engine.diagnostics import spread
from explorer.figures.regime_map import lengths, map_of_regimes
from explorer.lessons.questions.common import Traces
from explorer.lessons.questions.sketch import Curve, Drawn
from explorer.run import regime_map


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
