"""The hidden states, units × steps, one heatmap per activation on one colour scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.diagnostics import saturated_share
from explorer.engine.records import Trace
from explorer.figures.theme import Picture, axis, layout, number, rows_domain, time_axis

MOST_SYMBOLS = 60  # more would overlap along the axis
SHOWN = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def hidden_states(traces: Mapping[str, Trace]) -> Picture:
    """h_t (and c_t) of the first sequence, for every variant; under the first, the symbols that the network reads."""
    first = next(iter(traces.values()))
    T, H = len(first.xs), first.hs.shape[-1]
    states = {title: coloured(s[1:, 0]) for name, trace in traces.items() for title, s in parts(name, trace).items()}
    data, axes = [], {}
    spelled = symbols(first.inputs)
    gap = 0.13 if "ticktext" in spelled else 0.05  # room for the symbols
    for i, ((name, h), domain) in enumerate(zip(states.items(), rows_domain(len(states), gap), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        data.append(
            {
                "type": "heatmap",
                "z": h,
                "transpose": True,
                "x0": 1,
                "y0": 1,
                "coloraxis": "coloraxis",
                "name": name,
                "meta": {"missing": "$missing", "symbol": name[-1] if name.endswith((" h", " c")) else "h"},
                "xaxis": "x" + tail,
                "yaxis": "y" + tail,
            }
        )
        last = i == len(states) - 1
        ticks = numbered(spelled) if len(states) == 1 else {} if last else spelled
        axes["xaxis" + tail] = time_axis(T, anchor="y" + tail, matches="x" if i else None, showgrid=False, **ticks)
        axes["yaxis" + tail] = axis(range=[0.5, H + 0.5], domain=domain, title={"text": name}, nticks=4, showgrid=False)
    bar = {
        "thickness": 9,
        "outlinewidth": 0,
        "x": 1.01,
        "xpad": 0,
        "nticks": 5,
        "title": {"text": "h, c" if len(states) > len(traces) else "h"},
    }
    scale = [[0, "$low"], [0.5, "$middle"], [1, "$high"]]
    colours = {"cmin": -1.0, "cmax": 1.0, "colorscale": scale, "colorbar": bar}
    return Picture(
        f"{'Hidden states h_t and cell states c_t' if len(states) > len(traces) else 'Hidden states h_t'}, "
        f"{H} units × {T} steps",
        {"data": data, "layout": layout(coloraxis=colours, meta={"time": True}, **axes)},
        " ".join(sentence(name, trace) for name, trace in traces.items()),
    )


def parts(name: str, trace: Trace) -> dict[str, np.ndarray]:
    """A run's states by title: h, and c of the LSTM."""
    split = trace.cell.split(trace.states)
    return {name if len(split) == 1 else f"{name} {part}": s for part, s in split.items()}


def coloured(h: np.ndarray) -> np.ndarray:
    """States as colours show them: the scale ends at ±1 for every activation; NaN where h is not a number any more."""
    return np.where(np.isfinite(h), np.clip(h, -1.0, 1.0), np.nan).astype(np.float32)


def symbols(inputs: tuple[str, ...] | None) -> dict:
    """Ticks that spell what the network reads, where there is room for it."""
    if inputs is None or sum(max(len(s), 1) for s in inputs) > MOST_SYMBOLS:
        return {"showticklabels": False}
    return {
        "tickmode": "array",
        "tickvals": list(range(1, len(inputs) + 1)),
        "ticktext": [SHOWN.get(s, s) for s in inputs],
        "ticks": "",
        "tickfont": {"size": 11},
    }


def numbered(spelled: dict) -> dict:
    """The same ticks with the number of the step under every fifth: the only row of its picture has to show both."""
    if "ticktext" not in spelled:
        return {}
    every_fifth = [f"{s}<br>{t}" if t == 1 or t % 5 == 0 else s for t, s in enumerate(spelled["ticktext"], 1)]
    return spelled | {"ticktext": every_fifth}


def sentence(name: str, trace: Trace) -> str:
    """How large the states are, and how many have φ′ < γ/10 (vanilla cells)."""
    h = trace.hs[1:]
    if not np.isfinite(h).all():
        return f"{name}: the states leave the range of float64 (yellow)."
    beyond = f", the largest {number(float(np.abs(h).max()), 2)} (colours end at ±1)" if np.abs(h).max() > 1.0 else ""
    size = number(float(np.abs(h).mean()), 2)
    if trace.slopes is None:  # a gated cell has no φ to be flat
        return f"{name}: |h| averages {size}{beyond}."
    share = saturated_share(trace.slopes, trace.activation.gamma)
    return f"{name}: |h| averages {size}{beyond}, {share:.0%} of unit-steps lie where φ is flat."
