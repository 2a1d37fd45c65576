"""Four rates on one axis: ρ, σ_max, the bound γ·σ_max, and what is observed, over the weight scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.diagnostics import observed_rate, spread
from explorer.engine.records import RegimeMap, Trace
from explorer.figures.theme import Picture, axis, layout, number

TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 16)
RANGE = (-2.0, 1.8)  # decades per step; grows where a median lies outside


def scale_axis(span: list[float], **parts) -> dict:
    """An axis whose data are log10 of a weight scale, written as plain numbers."""
    ticks = {
        "tickmode": "array",
        "tickvals": [float(np.log10(s)) for s in TICKS],
        "ticktext": [f"{s:g}" for s in TICKS],
    }
    return axis(range=[float(end) for end in span], title={"text": "weight scale"}, **ticks, **parts)


def rates(traces: Mapping[str, Trace], regimes: RegimeMap) -> Picture:
    """Median and band (least to largest) over seeds of all four, decades per step back; diamonds are this run."""
    config = next(iter(traces.values())).config
    T, x = config.sequence_length, np.log10(regimes.scales)
    rho, sigma = (x + np.log10(each)[:, None] for each in (regimes.rho, regimes.sigma_max))  # (S, W)
    data = curve(x, rho, "ρ(W_hh)", "$text", "dot", 1.5)
    bounded = ", ".join(name for name, trace in traces.items() if trace.activation.gamma == 1.0)
    equal = f" = γ·σ_max of {bounded}" if bounded else ""
    data += curve(x, sigma, f"σ_max(W_hh){equal}", "$text", "dash", 1.5)
    words, medians = [], [spread(sigma)[1]]
    for name, trace in traces.items():
        gamma, observed = trace.activation.gamma, regimes.rates(name, T)
        if gamma != 1.0:
            data += curve(x, sigma + np.log10(gamma), f"{name}: γ·σ_max", f"${name}", "dash", 1.5)
        medians.append(spread(observed)[1])
        data += curve(x, observed, f"{name}: observed", f"${name}", "solid", 3.0)
        words.append(f"{name} {grows(regimes.scales, medians[-1])}")
    data += [here(trace, name) for name, trace in traces.items()]
    values = np.concatenate(medians)
    values = values[np.isfinite(values)]
    low, high = min(RANGE[0], float(values.min()) - 0.1), max(RANGE[1], float(values.max()) + 0.1)
    low = max(low, -6.0)  # saturation in a very small network falls without end
    left, right, now = x[0] - 0.03, x[-1] + 0.03, np.log10(max(config.weight_scale, 1e-9))
    data += [rule([left, right], [0.0, 0.0]), rule([now, now], [low, high])]
    return Picture(
        f"Four rates per step back, T = {T}, band over {len(regimes.seeds)} seeds",
        {
            "data": data,
            "layout": layout(
                xaxis=scale_axis([left, right]),
                yaxis=axis(range=[low, high], title={"text": "decades per step"}),
            ),
        },
        f"Above 0 the term grows on its way back. Median: {'; '.join(words)}.",
    )


def curve(x: np.ndarray, values: np.ndarray, name: str, colour: str, dash: str, width: float) -> list[dict]:
    """A median over seeds (first axis) with its band from the least to the largest."""
    base = {"type": "scatter", "mode": "lines", "x": x.astype(np.float32)}
    quiet = {**base, "showlegend": False, "hoverinfo": "skip", "line": {"width": 0, "color": colour}}
    least, median, most = (each.astype(np.float32) for each in spread(values))
    shade = 0.2 if dash == "solid" else 0.07
    return [
        {**quiet, "y": most, "name": f"{name}, most"},
        {**quiet, "y": least, "name": f"{name}, least", "fill": "tonexty", "fillcolor": f"{colour}@{shade}"},
        {**base, "y": median, "name": name, "line": {"color": colour, "dash": dash, "width": width}},
    ]


def here(trace: Trace, name: str) -> dict:
    """The observed rate of the run on the screen."""
    x, y = np.log10(max(trace.config.weight_scale, 1e-9)), observed_rate(trace.last_row)
    point = {"x": np.array([x], np.float32), "y": np.array([y], np.float32)}
    look = {"color": f"${name}", "size": 9, "symbol": "diamond"}
    return {"type": "scatter", "mode": "markers", **point, "name": f"{name} here", "marker": look, "showlegend": False}


def rule(x: list[float], y: list[float]) -> dict:
    """A thin straight line."""
    ends = {"x": np.array(x, np.float32), "y": np.array(y, np.float32), "line": {"color": "$faint", "width": 1}}
    return {"type": "scatter", "mode": "lines", **ends, "showlegend": False, "hoverinfo": "skip"}


def grows(scales: tuple[float, ...], median: np.ndarray) -> str:
    """The weight scales at which a median rate is above 0, as stretches."""
    up = median > 0.0
    if not up.any():
        return "grows nowhere on this axis"
    edges = np.flatnonzero(np.diff(np.concatenate([[False], up, [False]]).astype(int)))
    stretches = [(scales[a], scales[b - 1]) for a, b in edges.reshape(-1, 2)]
    said = ", ".join(number(a, 2) if a == b else f"{number(a, 2)}…{number(b, 2)}" for a, b in stretches)
    return f"grows at scale{'s' if np.count_nonzero(up) > 1 else ''} {said}"
