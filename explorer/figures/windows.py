"""What a truncation loses over its window: length and direction of the gradient, with a band over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.config import Config
from explorer.engine.clipping import angle
from explorer.engine.records import Gradients, Trace
from explorer.figures.theme import Picture, axis, layout, number
from explorer.run import compare, under_windows

DASHES = ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True, eq=False)
class Losses:
    """‖truncated‖/‖full‖ and the cosine between the two; (parameters, seeds, windows)."""

    parameters: tuple[str, ...]
    windows: np.ndarray
    ratio: np.ndarray
    cosine: np.ndarray


def some_windows(T: int, most: int = 40) -> list[int]:
    """At most `most` windows from 1 to T, evenly on a log scale."""
    return sorted({round(float(w)) for w in np.geomspace(1, T, most)})


def losses(traces: Sequence[Trace], kind: str) -> Losses:
    """What `kind` loses over its window, a row per trace (seed)."""
    windows, names = some_windows(len(traces[0].xs)), recurrent(traces[0])
    made = np.array([[against(trace, cut, names) for cut in under_windows(trace, kind, windows)] for trace in traces])
    return Losses(names, np.array(windows), *made.transpose(3, 2, 0, 1))


def recurrent(trace: Trace) -> tuple[str, ...]:
    """The cell's own parameters, which a truncation touches: W_hh first."""
    return "W_hh", *(name for name in trace.params if name not in ("W_hh", "W_hy", "b_y"))


def against(trace: Trace, cut: Gradients, names: Sequence[str]) -> list[tuple[float, float]]:
    """(ratio, cosine) for each of these parameters."""
    pairs = []
    for name in names:
        full, part = ({name: g.grads[name]} for g in (trace.full, cut))
        size = trace.full.norms[name]
        pairs.append((cut.norms[name] / size if size else np.nan, np.cos(np.radians(angle(full, part)))))
    return pairs


def over_seeds(config: Config, show: Sequence[str], seeds: int) -> dict[str, list[Trace]]:
    """The same setting with several seeds, the present one first."""
    runs = [compare(replace(config, seed=(config.seed + s) % 2**31), show) for s in range(seeds)]
    return {name: [run[name] for run in runs] for name in show}


def weight_share(traces: Mapping[str, Trace]) -> Picture:
    """How much of ∂L/∂W_hh comes from lags below n: ⟨g_{<n}, g⟩/‖g‖² (they add up to 1) and ‖g − g_{<n}‖/‖g‖."""
    data, words = [], []
    for name, trace in traces.items():
        windows = np.array(some_windows(len(trace.xs), 80))
        full, size = trace.full.grads["W_hh"], trace.full.norms["W_hh"]
        parts = np.array([g.grads["W_hh"] for g in under_windows(trace, "sliding", windows)])
        with np.errstate(all="ignore"):
            share = (parts / size * (full / size)).sum(axis=(1, 2))
            error = np.linalg.norm((parts - full) / size, axis=(1, 2))
        curve = {"type": "scatter", "mode": "lines", "x": windows}
        data.append({**curve, "y": share, "name": f"{name}: share", "line": {"color": f"${name}", "width": 2.5}})
        dashed = {"color": f"${name}", "width": 1.5, "dash": "dash"}
        data.append({**curve, "y": error, "name": f"{name}: what is missing", "line": dashed})
        words.append(f"{name}: {within(windows, error)}")
    return Picture(
        "∂L/∂W_hh from the last n steps before each loss",
        {"data": data, "layout": layout(xaxis=window_axis("n"), yaxis=axis(range=[-0.5, 1.6], tickformat=".0%"))},
        "; ".join(words) + ".",
    )


def within(windows: np.ndarray, error: np.ndarray) -> str:
    """From which n on ‖g − g_{<n}‖ ≤ 0.05 ‖g‖ for good."""
    if not np.isfinite(error).all():
        return "no gradient to take apart"
    beyond = np.flatnonzero(error > 0.05)
    if not len(beyond):
        return "95% within 1 step"
    return f"95% within {windows[beyond[-1] + 1]} steps (‖g − g_<n‖ ≤ 0.05 ‖g‖)"


TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500]


def window_axis(title: str, **parts) -> dict:
    """A log axis over windows with plain numbers."""
    return axis(
        type="log", title={"text": title}, tickmode="array", tickvals=TICKS, ticktext=list(map(str, TICKS)), **parts
    )


def window_curves(lost: Mapping[str, Losses], kind: str, window: int) -> Picture:
    """Above ‖truncated‖/‖full‖, below the cosine, over the window; lines are the present seed, the band all of them."""
    data, words = [], []
    for name, each in lost.items():
        for row, values in (("", each.ratio), ("2", each.cosine)):
            on = {"type": "scatter", "mode": "lines", "x": each.windows, "xaxis": "x" + row, "yaxis": "y" + row}
            quiet = {"showlegend": False, "hoverinfo": "skip", "line": {"width": 0, "color": f"${name}"}}
            low, high = np.nanmin(values[0], axis=0), np.nanmax(values[0], axis=0)
            data.append({**on, **quiet, "y": high, "name": f"{name} W_hh, most"})
            edge = {"y": low, "name": f"{name} W_hh, least"}
            data.append({**on, **quiet, **edge, "fill": "tonexty", "fillcolor": f"${name}@0.15"})
            for p, (parameter, dash) in enumerate(zip(each.parameters, DASHES, strict=False)):
                curve = {"y": values[p, 0], "name": f"{name} {parameter}", "showlegend": row == ""}
                data.append({**on, **curve, "line": {"color": f"${name}", "dash": dash, "width": 2}})
        at = int(np.abs(each.windows - window).argmin())
        ratios, cosines = each.ratio[0, :, at], each.cosine[0, :, at]
        words.append(
            f"{name}, window {each.windows[at]}: ∂L/∂W_hh keeps {number(100 * ratios[0], 2)}% of its length, "
            f"cosine {cosines[0]:.2f} (over {len(cosines)} seeds {np.nanmin(cosines):.2f}…{np.nanmax(cosines):.2f})"
        )
    return Picture(
        f"What {kind} truncation loses: length and cosine against the full gradient",
        {
            "data": data,
            "layout": layout(
                xaxis=window_axis("", anchor="y", showticklabels=False, matches="x2"),
                yaxis=axis(domain=[0.56, 1], title={"text": "length"}, range=[0, 1.6]),
                xaxis2=window_axis("window", anchor="y2"),
                yaxis2=axis(domain=[0, 0.46], title={"text": "cosine"}, range=[-1.05, 1.05]),
            ),
        },
        "; ".join(words) + ".",
    )
