"""What clipping does to every parameter's gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from explorer.config import CLIP_TITLES, Config
from explorer.engine.clipping import angle
from explorer.engine.records import Gradients, Trace
from explorer.figures.theme import Picture, axis, decades_axis, layout, number

EVERYTHING = "all together"
BY_NORM = ("norm", "parameter")  # the kinds whose threshold is a norm; the others compare single entries with it


def clipping(traces: Mapping[str, Trace]) -> Picture:
    """log10 of the norm of each parameter's gradient before (open) and after (filled), with the threshold."""
    first = next(iter(traces.values()))
    names = rows_of(traces)
    data, shown = [], []
    for i, (name, trace) in enumerate(traces.items()):
        rows = np.arange(len(names)) + 0.5 * ((i + 0.5) / len(traces) - 0.5)
        before, after = log10_norms(trace.used, names), log10_norms(trace.clipped, names)
        shown += [before, after]
        data += [
            link(before, after, rows),
            dots(before, rows, f"{name} raw", {"symbol": "circle-open", "size": 11, "color": f"${name}"}),
            dots(after, rows, f"{name} clipped", {"symbol": "diamond", "size": 8, "color": "$clipped"}),
        ]
    config = first.config
    at = float(np.log10(config.clip_at))
    if config.clip in BY_NORM:
        data.append(threshold_line(at, len(names)))
    low, high = span(np.concatenate(shown))
    cut = "full" if config.truncation == "full" else f"{config.truncation}-truncated"
    return Picture(
        f"{how(config)} · {cut} gradient",
        {"data": data, "layout": layout(xaxis=decades_axis(low, high, title={"text": "norm"}), yaxis=rows_axis(names))},
        " ".join(sentence(name, trace) for name, trace in traces.items()),
    )


def how(config: Config) -> str:
    """The clipping in words, with its threshold."""
    if config.clip == "none":
        return "No clipping"
    sign = "" if config.clip in BY_NORM else "±"
    return f"Clipping {CLIP_TITLES[config.clip]} at {sign}{number(config.clip_at)}"


def rows_of(traces: Mapping[str, Trace]) -> list[str]:
    """Every parameter that any of the cells has, the read-out's last, then all together."""
    names = dict.fromkeys(name for trace in traces.values() for name in trace.params)
    return [*sorted(names, key=lambda name: name.endswith("y")), EVERYTHING]


def rows_axis(names: Sequence[str], **parts) -> dict:
    """One row per name, the first on top."""
    return axis(
        range=[len(names) - 0.4, -0.6],
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=["all" if name == EVERYTHING else name for name in names],
        showgrid=False,
        **parts,
    )


def threshold_line(at: float, rows: int) -> dict:
    """Upright, through all rows."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.full(2, at),
        "y": np.array([-0.6, rows - 0.4]),
        "name": "threshold",
        "line": {"color": "$clipped", "width": 1.5, "dash": "dash"},
        "meta": "silent",
        "hoverinfo": "skip",
    }


def log10_norms(gradients: Gradients | None, names: Sequence[str]) -> np.ndarray:
    """log10 of each parameter's norm, of all together last; NaN for one that the cell has not, or without gradients."""
    norms = {} if gradients is None else {**gradients.norms, EVERYTHING: gradients.norm}
    with np.errstate(divide="ignore"):
        return np.log10([norms.get(name, np.nan) for name in names]).astype(np.float32)


def span(values: np.ndarray, room: float = 0.025) -> tuple[float, float]:
    """Decades around all finite values in steps of six, at least 10⁻³…10³: the axis rarely jumps under a slider.

    A share of `room` is left on either side, so that marks at the ends are whole.
    """
    values = values[np.isfinite(values)]
    least, most = (values.min(), values.max()) if len(values) else (0.0, 0.0)
    low = min(-3.0, 6.0 * float(np.floor(least / 6.0)))
    high = max(3.0, 6.0 * float(np.ceil(most / 6.0)))
    return low - room * (high - low), high + room * (high - low)


def dots(x: np.ndarray, rows: np.ndarray, name: str, marker: dict) -> dict:
    """One mark per parameter."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": rows,
        "name": name,
        "marker": {**marker, "line": {"width": 2, "color": marker["color"]}},
        "hovertemplate": f"{name}: 10^%{{x:.2f}}<extra></extra>",
    }


def link(before: np.ndarray, after: np.ndarray, rows: np.ndarray) -> dict:
    """A thin line from before to after, so that the eye pairs them."""
    x = np.stack([before, after, np.full_like(before, np.nan)], axis=1).ravel()
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": np.repeat(rows, 3),
        "showlegend": False,
        "hoverinfo": "skip",
        "line": {"color": "$faint", "width": 1},
    }


def sentence(name: str, trace: Trace) -> str:
    """The global norm before and after, and the angle between the two gradients."""
    if trace.clipped is None:
        return f"{name}: the gradient is not finite; clipping it would only hide that."
    raw, clipped = trace.used, trace.clipped
    if trace.config.clip == "none":
        return f"{name}: ‖g‖ = {number(raw.norm)}."
    if raw.norm == clipped.norm:
        return f"{name}: ‖g‖ = {number(raw.norm)}, not touched."
    if not np.isfinite(raw.norm):
        return f"{name}: ‖g‖ is beyond float64 → {number(clipped.norm)}."
    turned = angle(raw.grads, clipped.grads)
    kept = "direction kept" if trace.config.clip == "norm" else "direction changed"
    return f"{name}: ‖g‖ {number(raw.norm)} → {number(clipped.norm)}, angle {turned:.1f}° ({kept})."
