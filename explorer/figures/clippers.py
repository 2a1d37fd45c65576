"""The kinds of clipping side by side: norms of every parameter, direction, entries cut, length of the step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.clipping import CLIPPERS, angle, share_cut
from explorer.engine.records import Gradients, Trace
from explorer.figures.clipping import BY_NORM, dots, link, log10_norms, rows_axis, rows_of, span, threshold_line
from explorer.figures.theme import MARGIN, Picture, axis, decades_axis, layout, number
from explorer.run import clip

SHORT = {"norm": "global norm", "parameter": "per parameter", "value": "by value", "step": "per step"}
KINDS = tuple(kind for kind in CLIPPERS if kind != "none")
RAW = "raw"
NARROW = 0.08  # of a column's width are a mark's half


def each_kind(traces: Mapping[str, Trace]) -> Picture:
    """log10 of the norm of each parameter's gradient before (open) and after (filled), a column per kind."""
    first = next(iter(traces.values()))
    names, at = rows_of(traces), float(np.log10(first.config.clip_at))
    data, shown = [], []
    for c, kind in enumerate(KINDS):
        on = {**place(c), "showlegend": c == 0}
        for i, (name, trace) in enumerate(traces.items()):
            rows, after = shifted(len(names), i, len(traces)), clip(trace, kind)
            before, now = log10_norms(trace.used, names), log10_norms(after, names)
            shown += [before, now]
            data += [
                {**link(before, now, rows), **place(c)},
                {**dots(before, rows, f"{name} raw", open_circle(name)), **on},
                {**dots(now, rows, f"{name} clipped", FILLED), **on},
            ]
        if kind in BY_NORM:
            data.append({**threshold_line(at, len(names)), **on})
    low, high = span(np.concatenate(shown), NARROW)
    columns = side_by_side([decades_axis(low, high, nticks=3)] * len(KINDS), [SHORT[kind] for kind in KINDS], names)
    return Picture(
        f"Norm of every parameter’s gradient, raw and clipped at {number(first.config.clip_at)}",
        {"data": data, "layout": columns},
        " ".join(sentence(name, trace) for name, trace in traces.items()),
    )


def at_this_threshold(traces: Mapping[str, Trace], rate: float) -> Picture:
    """A row per kind: the angle to the raw gradient, the share of entries changed, the length of the update."""
    rows = [RAW, *KINDS]
    data, lengths, turned = [], [], []
    for i, (name, trace) in enumerate(traces.items()):
        y = shifted(len(rows), i, len(traces))
        for c, values in enumerate(np.array([measures(trace, clipped_by(trace, kind), rate) for kind in rows]).T):
            values = values.astype(np.float32)
            on = {**place(c), "showlegend": c == 0}
            data.append({**dots(values[:1], y[:1], f"{name} raw", open_circle(name)), **on})
            data.append({**dots(values[1:], y[1:], f"{name} clipped", {**FILLED, "color": f"${name}"}), **on})
            data[-2]["hovertemplate"] = data[-1]["hovertemplate"] = HOVER[c]
            turned += [values] if c == 0 else []
            lengths += [values] if c == 2 else []
    low, high = span(np.concatenate(lengths), NARROW)
    widest = 180.0 if np.nanmax([90.0, *np.concatenate(turned)]) > 90.0 else 90.0
    scales = [
        axis(range=[-0.04 * widest, 1.04 * widest], dtick=widest / 3, ticksuffix="°"),
        axis(range=[-0.04, 1.04], dtick=0.5, tickformat=".0%"),
        decades_axis(low, high, nticks=4),
    ]
    titles = ["angle to raw", "entries changed", f"update, {number(rate, 2)}·‖g‖"]
    return Picture(
        "What that does to direction and step",
        {"data": data, "layout": side_by_side(scales, titles, [RAW, *(SHORT[kind] for kind in KINDS)])},
        " ".join(in_words(name, trace, rate) for name, trace in traces.items()),
    )


FILLED = {"symbol": "diamond", "size": 8, "color": "$clipped"}
HOVER = ("%{x:.1f}°<extra></extra>", "%{x:.1%}<extra></extra>", "10^%{x:.2f}<extra></extra>")


def open_circle(name: str) -> dict:
    """The mark of what is not clipped."""
    return {"symbol": "circle-open", "size": 11, "color": f"${name}"}


def shifted(rows: int, i: int, n: int) -> np.ndarray:
    """The rows, with room for n marks in each."""
    return np.arange(rows) + 0.5 * ((i + 0.5) / n - 0.5)


def place(column: int) -> dict:
    """The axes of a column."""
    tail = "" if column == 0 else str(column + 1)
    return {"xaxis": "x" + tail, "yaxis": "y" + tail}


def side_by_side(scales: list[dict], titles: list[str], rows: list[str]) -> dict:
    """Columns with one x axis each, named above; the names of the rows stand once, on the left."""
    axes, notes, width = {}, [], 1.0 / len(scales)
    for c, (scale, title) in enumerate(zip(scales, titles, strict=True)):
        tail, left, right = place(c)["xaxis"][1:], c * width + 0.02 * (c > 0), (c + 1) * width - 0.02
        axes["xaxis" + tail] = {**scale, "domain": [round(left, 4), round(right, 4)], "anchor": "y" + tail}
        axes["yaxis" + tail] = rows_axis(rows, anchor="x" + tail, showticklabels=c == 0)
        above = {
            "xref": f"x{tail} domain",
            "yref": "paper",
            "x": 0.5,
            "y": 1.0,
            "xanchor": "center",
            "yanchor": "bottom",
        }
        notes.append({"text": title.replace(" ", "<br>", 1), "showarrow": False, **above})  # two lines fit on a phone
    return layout(margin={**MARGIN, "l": 98, "r": 16, "t": 40}, annotations=notes, **axes)


def clipped_by(trace: Trace, kind: str) -> Gradients | None:
    """The raw gradient, or the one clipped in this way; None where it is not finite."""
    return clip(trace, "none" if kind == RAW else kind)


def measures(trace: Trace, clipped: Gradients | None, rate: float) -> tuple[float, float, float]:
    """Angle in degrees, share of entries changed, log10 of the update's length; NaN where there is none."""
    if clipped is None:
        return np.nan, np.nan, np.nan
    with np.errstate(divide="ignore"):
        length = np.log10(rate) + np.log10(clipped.norm)
    return angle(trace.used.grads, clipped.grads), share_cut(trace.used.grads, clipped.grads), length


def sentence(name: str, trace: Trace) -> str:
    """The global norm, raw and under each kind."""
    each = {kind: clip(trace, kind) for kind in KINDS}
    words = [f"{SHORT[kind]} {number(g.norm) if g else 'refused'}" for kind, g in each.items()]
    note = " (a gradient that is not finite is not clipped: that would only hide it)" if None in each.values() else ""
    return f"{name}: ‖g‖ = {number(trace.used.norm)}, clipped: {', '.join(words)}{note}."


def in_words(name: str, trace: Trace, rate: float) -> str:
    """Who turns the gradient, and who leaves its direction."""
    said = []
    for kind in KINDS:
        turned, share, _ = measures(trace, clipped_by(trace, kind), rate)
        said.append(f"{SHORT[kind]} {f'turns by {turned:.1f}°' if turned >= 0.05 else 'keeps the direction'}")
        if not np.isfinite(turned):
            said[-1] = f"{SHORT[kind]} has no direction to compare"
        elif share == 0.0:
            said[-1] = f"{SHORT[kind]} changes nothing"
    return f"{name}: {', '.join(said)}."
