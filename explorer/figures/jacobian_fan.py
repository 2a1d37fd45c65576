"""The singular values of every factor ∂h_t/∂h_{t−1} of the chain, as a fan over the steps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.records import Trace
from explorer.figures.theme import Picture, decades_axis, layout, number, power, rows_domain, time_axis

DEEPEST = -8.0  # decades: what a factor shrinks more than that is drawn at the edge


def jacobian_fan(traces: Mapping[str, Trace]) -> Picture:
    """Largest, median and least singular value per step, the middle half shaded; small multiples. First sequence."""
    T = len(next(iter(traces.values())).xs)
    t = np.arange(1, T + 1, dtype=np.int16)
    fans = {name: fan(trace) for name, trace in traces.items()}
    shown = np.concatenate([values[np.isfinite(values)] for values in fans.values()])
    low = -next((end for end in (2.0, 4.0, -DEEPEST) if len(shown) and -end < shown.min()), -DEEPEST)
    high = next((end for end in (1.0, 2.0) if not len(shown) or end > shown.max()), 3.0)
    data, axes, words = [], {}, []
    for i, ((name, values), domain) in enumerate(zip(fans.items(), rows_domain(len(traces), 0.1), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        on = {"type": "scatter", "mode": "lines", "x": t, "xaxis": "x" + tail, "yaxis": "y" + tail, "meta": "log10"}
        least, lower, median, upper, most = np.clip(values, low, None).astype(np.float32)
        first = {"showlegend": i == 0}
        quiet = {**on, "line": {"width": 0, "color": f"${name}"}, "showlegend": False, "meta": "silent"}
        data += [{**quiet, "y": most}, {**quiet, "y": least, "fill": "tonexty", "fillcolor": f"${name}@0.12"}]
        data += [{**quiet, **on, "y": upper, "name": "upper quartile"}]
        data += [{**quiet, **on, "y": lower, "name": "lower quartile", "fill": "tonexty", "fillcolor": f"${name}@0.25"}]
        bold, thin = ({"color": f"${name}", "width": width} for width in (2.5, 1.2))
        data.append({**on, **first, "y": most, "name": "largest", "line": bold})
        data.append({**on, **first, "y": median, "name": "median", "line": {**thin, "dash": "dash"}})
        data.append({**on, **first, "y": least, "name": "least", "line": {**thin, "dash": "dot"}})
        axes["xaxis" + tail] = time_axis(
            T, anchor="y" + tail, matches="x" if i else None, showticklabels=i == len(traces) - 1
        )
        axes["yaxis" + tail] = decades_axis(low, high, domain=domain, title={"text": name}, nticks=4)
        trace = traces[name]
        with np.errstate(divide="ignore"):
            bound = np.full(2, np.log10(trace.activation.gamma * trace.sigma_max), np.float32)
        ends, dashes = np.array([1, T], np.int16), {"color": "$text", "dash": "dash", "width": 1.2}
        data.append({**on, **first, "x": ends, "y": bound, "name": "γ·σ_max", "line": dashes, "meta": "silent"})
        words.append(sentence(name, trace, values[4]))
    return Picture(
        "Singular values of each factor ∂h_t/∂h_{t−1}",
        {"data": data, "layout": layout(meta={"time": True}, **axes)},
        " ".join(words),
    )


def fan(trace: Trace) -> np.ndarray:
    """log10 of least, lower quartile, median, upper quartile and largest singular value per step, (5, T)."""
    if not np.isfinite(trace.slopes).all():
        return np.full((5, len(trace.xs)), np.nan)
    Js = trace.cell.jacobian(trace.params, trace.slopes[:, 0])  # (T, H, H)
    values = np.linalg.svd(Js, compute_uv=False)[:, ::-1]  # least first
    H = values.shape[-1]
    with np.errstate(divide="ignore"):
        return np.log10(values[:, [round(q * (H - 1)) for q in (0, 0.25, 0.5, 0.75, 1)]].T)


def sentence(name: str, trace: Trace, most: np.ndarray) -> str:
    """How far the largest stays below its bound γ·σ_max."""
    if np.isnan(most).any():
        return f"{name}: no factors, the run overflows."
    bound = trace.activation.gamma * trace.sigma_max
    typical, above = power(float(np.median(most))), (most > 0.0).mean()
    return f"{name}: largest ×{typical} (median over steps), bound {number(bound)}, above 1 at {above:.0%} of steps."
