"""The T×T picture: which loss reaches which step, on one absolute scale of decades."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.diagnostics import FLOAT32_ZERO, FLOAT64_ZERO
from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, power
from explorer.run import mask_of

DECADES = (-60.0, 20.0)  # the colour scale, the same for every network
MOST_CELLS = 128  # a larger matrix is shown in bins


def flow_matrix(traces: Mapping[str, Trace], step: int | None = None) -> Picture:
    """log10 ‖∂L_t/∂h_k‖, of an LSTM ‖∂L_t/∂c_k‖: a row per loss t, a column per state k, a matrix per variant.

    Lines: where float32 and float64 would read 0, what the truncation keeps, and a chosen step's row and column.
    """
    first = next(iter(traces.values()))
    T = len(first.xs)
    step, bins = step and min(step, T), -(-T // MOST_CELLS)
    data, axes, notes = [], {}, []
    for i, (name, trace) in enumerate(traces.items()):
        tail = "" if i == 0 else str(i + 1)
        on = {"xaxis": "x" + tail, "yaxis": "y" + tail}
        data.append({**cells(trace.flow.of_memory, trace.full.log10_memory_norms, name, bins), **on})
        data += [{**line, **on, "showlegend": i == 0} for line in lines(trace, step)]
        width = 1.0 / len(traces)
        domain = [round(i * width + 0.02, 4), round((i + 1) * width - 0.02, 4)]
        square = side(T, 8)
        axes["xaxis" + tail] = axis(**square, domain=domain, anchor="y" + tail)
        named = (
            {"title": {"text": "loss t"}} if i == 0 else {"showticklabels": False}
        )  # or they would stand on the first
        axes["yaxis" + tail] = axis(**{**square, "range": [T + 0.5, 0.5]}, anchor="x" + tail, **named)
        notes.append(note(f"<b>{name}</b><br>{trace.memory}_k, k →", domain[1]))
    binned = f" (each cell the largest of {bins}×{bins})" if bins > 1 else ""
    return Picture(
        f"How loss t reaches state k: {title(traces)}, {first.hs.shape[-1]} units{binned}",
        {"data": data, "layout": layout(coloraxis=colours(DECADES), meta={"time": True}, annotations=notes, **axes)},
        " ".join(sentence(name, trace, step) for name, trace in traces.items()) + not_taken(first),
    )


def side(T: int, most: int) -> dict:
    """A side of the triangle, at most so many ticks; there is no step 1½."""
    return {"range": [0.5, T + 0.5], "showgrid": False, **({"dtick": 1} if most >= T else {"nticks": most})}


def title(traces: Mapping[str, Trace]) -> str:
    """The norms that are shown: at h, at c, or both."""
    memories = dict.fromkeys(trace.memory for trace in traces.values())
    return ", ".join(f"‖∂L_t/∂{memory}_k‖" for memory in memories)


def colours(decades: tuple[float, float]) -> dict:
    """The colour axis: what vanishes fades, blue stands at three quarters, red is explosion."""
    bar = {"thickness": 9, "outlinewidth": 0, "x": 1.01, "xpad": 0, "nticks": 6, "tickprefix": "10<sup>"}
    scale = [[0, "$middle"], [0.75, "$low"], [1, "$high"]]
    return {"cmin": decades[0], "cmax": decades[1], "colorscale": scale, "colorbar": {**bar, "ticksuffix": "</sup>"}}


def note(text: str, right: float) -> dict:
    """Words in the empty half of a matrix."""
    place = {"x": right - 0.01, "y": 0.97, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "top"}
    return {"text": text, "showarrow": False, "align": "right", **place}


def cells(norms: np.ndarray, total: np.ndarray, name: str, bins: int) -> dict:
    """The matrix (T, T) as a heatmap, k to the right and t downward; NaN above the diagonal, where no loss reaches.

    `total` (T,) = log10 ‖∂L/∂h_k‖ goes along for the pointer to read.
    """
    T = len(norms)
    z = np.where(np.tri(T, dtype=bool), norms, np.nan).T  # (k, t)
    if bins > 1:
        pad = -T % bins
        z = np.pad(z, ((0, pad), (0, pad)), constant_values=np.nan)
        blocks = z.reshape(len(z) // bins, bins, len(z) // bins, bins)
        empty = np.isnan(blocks).all(axis=(1, 3))
        z = np.where(empty, np.nan, np.where(np.isnan(blocks), -np.inf, blocks).max(axis=(1, 3)))
    centre = 1 + (bins - 1) / 2
    return {
        "type": "heatmap",
        "z": np.maximum(z, 2 * FLOAT64_ZERO).astype(np.float32),  # −∞ has no colour; far below everything has
        "transpose": True,
        "x0": centre,
        "dx": bins,
        "y0": centre,
        "dy": bins,
        "coloraxis": "coloraxis",
        "name": name,
        "meta": {"flow": True, "total": total.astype(np.float32)},
    }


def lines(trace: Trace, step: int | None) -> list[dict]:
    """Staircases on the matrix, and the chosen step."""
    norms = trace.flow.of_memory
    T, t = len(norms), np.arange(1, len(norms) + 1)
    drawn = [
        chosen(step, T),
        staircase(norms < FLOAT32_ZERO, t, "float32 reads 0", "$faint", "dash"),
        staircase(norms < FLOAT64_ZERO, t, "float64 reads 0", "$text", "dot"),
    ]
    if trace.config.truncation != "full":
        drawn.append(staircase(mask_of(trace.config) == 0.0, t, "cut by truncation", "$truncated", "solid"))
    return [each for each in drawn if each is not None]


def chosen(step: int | None, T: int) -> dict | None:
    """The row and the column of a step."""
    if step is None:
        return None
    return line(np.array([0.5, step, step]), np.array([step, step, T + 0.5]), f"step {step}", "$text", 1.2, "solid")


def staircase(lost: np.ndarray, t: np.ndarray, name: str, colour: str, dash: str) -> dict | None:
    """The line to whose left everything in a row is lost: behind the last lost state of each row."""
    lost = lost & np.tri(len(lost), dtype=bool)
    if not lost.any():
        return None
    last = np.where(lost.any(axis=1), lost.shape[1] - np.argmax(lost[:, ::-1], axis=1), 0) + 0.5
    x, y = np.repeat(last, 2), np.stack([t - 0.5, t + 0.5], axis=1).ravel()
    return line(x, y, name, colour, 2.0, dash)


def line(x: np.ndarray, y: np.ndarray, name: str, colour: str, width: float, dash: str) -> dict:
    """A line over cells that the pointer does not read."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x.astype(np.float32),
        "y": y.astype(np.float32),
        "name": name,
        "line": {"color": colour, "width": width, "dash": dash},
        "meta": "silent",
        "hoverinfo": "skip",
    }


def sentence(name: str, trace: Trace, step: int | None) -> str:
    """How far the chosen (or last) loss reaches back, what float32 would lose, and what the truncation keeps."""
    norms = trace.flow.of_memory
    step = step or len(norms)
    lost = (norms[np.tri(len(norms), dtype=bool)] < FLOAT32_ZERO).mean()
    words = [f"{name}: loss {step} goes from {power(norms[step - 1, step - 1], 2)} to {power(norms[step - 1, 0], 2)}"]
    words += [f"float32 would lose {lost:.0%} of the triangle"] if lost else []
    words += [f"{trace.config.truncation} truncation keeps {share_kept(trace):.0%}"] if trace.truncated else []
    return ", ".join(words) + "."


def not_taken(trace: Trace) -> str:
    """Rows stand there whatever the loss is: where the run takes none, they are no terms of its total."""
    without = len(trace.loss_mask) - np.count_nonzero(trace.loss_mask)
    if not without:
        return ""
    return f" {without} of {len(trace.loss_mask)} steps have no loss: their rows are what one there would send."


def share_kept(trace: Trace) -> float:
    """The share of the triangle that a truncation does not cut."""
    mask = mask_of(trace.config)
    return float((mask[np.tri(len(mask), dtype=bool)] != 0.0).mean())
