"""What training does, over updates: loss, accuracy, gradient norms and their distribution, ρ and σ_max."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.config import VARIANTS
from explorer.engine.losses import perplexity
from explorer.engine.tasks import TASKS
from explorer.figures.theme import MARGIN, Picture, axis, decades_axis, layout, number
from explorer.training.lab import Lab, Variant

POINTS = 300  # of a curve; more updates are averaged in bins
ROUND = (1, 1.2, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 500)  # ticks of a perplexity
BEYOND = 1e30  # any axis, and still a float32
PASCANU = (0.5, 10.0)  # × the mean norm: where Pascanu et al. (2013) look for a threshold


def ink(lab: Lab, i: int) -> str:
    """The colour of variant i: that of its activation or cell where these are compared."""
    name = lab.variants[i].name
    return name if name in VARIANTS else ("one", "two", "three", "four")[i]


def binned(values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Updates and values, averaged over bins of equal length where there are more than POINTS."""
    size = -(-len(values) // POINTS)
    y = np.array(values, dtype=float)
    y = np.pad(y, (0, -len(y) % max(size, 1)), constant_values=np.nan).reshape(-1, max(size, 1))
    with np.errstate(all="ignore"):
        counted = np.isfinite(y).sum(axis=1)
        mean = np.where(
            counted > 0, np.nansum(np.where(np.isfinite(y), y, 0.0), axis=1) / np.maximum(counted, 1), np.nan
        )
    x = np.arange(len(mean)) * size + (size + 1) / 2
    return x, mean


def line(x: np.ndarray, y: np.ndarray, name: str, colour: str, width: float = 2.0, dash: str = "solid") -> dict:
    """A line; an empty name keeps it out of the legend."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.asarray(x, dtype=np.float32),
        "y": np.clip(y, -BEYOND, BEYOND).astype(np.float32),
        "name": name,
        "showlegend": bool(name),
        "line": {"color": colour, "width": width, "dash": dash},
    }


def updates_axis(lab: Lab, **parts) -> dict:
    """Updates up to the budget."""
    return axis(range=[0, lab.budget * 1.01], title={"text": "updates", "standoff": 2}, **parts)


def over_updates(**parts) -> dict:
    """A layout with room for the name of the horizontal axis."""
    return layout(margin={**MARGIN, "b": 42}, **parts)


def losses(lab: Lab) -> Picture:
    """Training loss (faint) and validation loss (strong); the perplexity, exp of it, where the task is a text."""
    as_perplexity = TASKS[lab.config.task].metric == "perplexity"
    blind = lab.variants[0].lesson.blind_loss
    data = [line([0, lab.budget], shown([blind, blind], as_perplexity), "does not look", "$faint", 1.5, "dot")]
    words = []
    for i, variant in enumerate(lab.variants):
        colour, (x, y) = ink(lab, i), binned(variant.losses)
        judged = [(look.number, look.loss) for look in variant.looks if np.isfinite(look.loss)]
        strong = not judged
        data.append(
            {
                **line(
                    x,
                    shown(y, as_perplexity),
                    variant.name if strong else f"{variant.name}, training",
                    f"${colour}" + "@0.4" * (not strong),
                    1.5 + strong,
                ),
                "showlegend": strong,
            }
        )
        if judged:
            at, loss = zip(*judged, strict=True)
            data.append(line(at, shown(loss, as_perplexity), variant.name, f"${colour}", 2.5))
        words.append(f"{variant.name}: {final_loss(variant, as_perplexity)}")
    unit = "perplexity" if as_perplexity else "loss"
    kind = "validation strong, training faint" if lab.variants[0].lesson.validation else "on the training text"
    return Picture(
        f"{unit.capitalize()} ({kind})",
        {"data": data, "layout": over_updates(xaxis=updates_axis(lab), yaxis=loss_axis(blind, as_perplexity))},
        f"Not looking costs {number(perplexity(blind) if as_perplexity else blind)}. " + "; ".join(words) + ".",
    )


def shown(loss, as_perplexity: bool) -> np.ndarray:
    """A perplexity is drawn on a log scale: log10 e^loss."""
    return np.asarray(loss, dtype=float) * (np.log10(np.e) if as_perplexity else 1.0)


def loss_axis(blind: float, as_perplexity: bool) -> dict:
    """From nothing lost to a third more than not looking costs."""
    top = 1.35 * float(shown(blind, as_perplexity))
    if not as_perplexity:
        return axis(range=[-0.02 * top, top], title={"text": "loss, nats" if top > 0.2 else "½ squared error"})
    marks = [n for n in ROUND if n not in (1.2, 1.5) or top < 1.0]  # above ten choices, 1.2 and 1.5 would overlap
    ticks = {"tickmode": "array", "tickvals": [float(np.log10(n)) for n in marks], "ticktext": [str(n) for n in marks]}
    return axis(range=[-0.02 * top, top], title={"text": "perplexity"}, **ticks)


def final_loss(variant: Variant, as_perplexity: bool) -> str:
    """Where it stands, and why it stopped if it did."""
    if variant.fault:
        return f"diverged at update {variant.number}: {variant.fault}; the weights before it are kept"
    loss = next((k.loss for k in reversed(variant.looks) if np.isfinite(k.loss)), variant.losses[-1])
    return number(perplexity(loss) if as_perplexity else loss)


def accuracy(lab: Lab) -> Picture:
    """The share of right answers on the validation sequences."""
    data, words = [], []
    for i, variant in enumerate(lab.variants):
        x, y = zip(*((look.number, look.accuracy) for look in variant.looks), strict=True)
        data.append(line(x, y, variant.name, f"${ink(lab, i)}", 2.5))
        stopped = f" (diverged at update {variant.number})" if variant.fault else ""
        words.append(f"{variant.name} {y[-1]:.0%}{stopped}")
    return Picture(
        "Share of right answers",
        {
            "data": data,
            "layout": over_updates(
                xaxis=updates_axis(lab), yaxis=axis(range=[-0.02, 1.03], tickformat=".0%", title={"text": "right"})
            ),
        },
        f"After {lab.number} updates: {', '.join(words)}.",
    )


def norms(lab: Lab) -> Picture:
    """log10 ‖g‖ of every update before clipping, clipped updates marked, the threshold drawn."""
    data, curves, words = [], [], []
    for i, variant in enumerate(lab.variants):
        raw, kept = np.array(variant.norms), np.array(variant.clipped_norms)
        x, y = log10_binned(raw)
        data.append(line(x, y, variant.name, f"${ink(lab, i)}", 1.5))
        clipped = raw > kept * (1 + 1e-12)
        at = np.flatnonzero(clipped)[:: max(1, clipped.sum() // POINTS)]
        with np.errstate(all="ignore"):
            marks = np.log10(raw[at])
        data.append(
            {
                **line(at + 1, marks, f"{variant.name}, clipped", f"${ink(lab, i)}"),
                "mode": "markers",
                "showlegend": False,
                "marker": {"symbol": "circle-open", "size": 5, "color": f"${ink(lab, i)}"},
            }
        )
        curves.append(y)
        words.append(f"{variant.name} {clipped.mean():.0%}")
    low, high = even_decades(np.concatenate([curves[lab.variants.index(v)] for v in learning(lab)]))
    at = {v.lesson.config.clip_at for v in lab.variants if v.lesson.config.clip == "norm"}
    for threshold in sorted(at):
        data.append(line([0, lab.budget], np.full(2, np.log10(threshold)), "threshold", "$clipped", 1.5, "dash"))
    return Picture(
        "Gradient norm ‖g‖ before clipping, clipped updates marked",
        {"data": data, "layout": over_updates(xaxis=updates_axis(lab), yaxis=decades_axis(low, high))},
        f"Clipped updates: {', '.join(words)}.",
    )


def learning(lab: Lab) -> list[Variant]:
    """The runs that decide an axis, and speak of thresholds: those that did not diverge, where there are any."""
    return [v for v in lab.variants if not v.fault] or lab.variants


def even_decades(logs: np.ndarray) -> tuple[float, float]:
    """A range of decades around all finite values that ends at even ones, so that it rarely jumps while it grows."""
    logs = logs[np.isfinite(logs)] if np.isfinite(logs).any() else np.zeros(1)
    return 2 * float(np.floor(logs.min() / 2 - 0.05)), 2 * float(np.ceil(logs.max() / 2 + 0.05))


def log10_binned(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log10 of norms, averaged in bins; what is 0 or not finite is left out."""
    with np.errstate(all="ignore"):
        return binned(np.log10(values))


def histogram(lab: Lab) -> Picture:
    """How often each norm occurs, and the band 0.5…10 × mean norm in which Pascanu et al. look for a threshold."""
    data, words = [], []
    counted = learning(lab)
    logs = [np.log10([n for n in v.norms if np.isfinite(n) and n > 0.0] or [1.0]) for v in counted]
    low = np.floor(2 * min(float(x.min()) for x in logs)) / 2 - 0.5
    high = np.ceil(2 * max(float(x.max()) for x in logs)) / 2 + 0.5
    edges = np.linspace(low, high, 49)
    for variant, values in zip(counted, logs, strict=True):
        i = lab.variants.index(variant)
        share = np.histogram(values, edges)[0] / len(values)
        x, y = np.repeat(edges, 2)[1:-1], np.repeat(share, 2)
        data.append(line(x, y, variant.name, f"${ink(lab, i)}", 2))
        mean = float(np.mean(10.0**values))
        band = np.log10(mean) + np.log10(PASCANU)
        data.append(line(band, np.full(2, 1.0 - 0.05 * (i + 1)), "", f"${ink(lab, i)}@0.5", 7))
        words.append(f"{variant.name} {number(PASCANU[0] * mean, 2)}…{number(PASCANU[1] * mean, 2)}")
    top = max(float(np.max(trace["y"])) for trace in data[::2])
    gone = ", ".join(v.name for v in lab.variants if v not in counted)
    left_out = f" Not counted, as it diverged: {gone}." if gone else ""
    for i, trace in enumerate(data[1::2]):
        trace["y"] = np.full(2, top * (1.28 - 0.08 * i), np.float32)
    return Picture(
        "Norms of all updates, and Pascanu’s band for a threshold",
        {
            "data": data,
            "layout": over_updates(
                xaxis=decades_axis(float(low), float(high), title={"text": "‖g‖ before clipping", "standoff": 2}),
                yaxis=axis(range=[0, 1.35 * top], **shares_up_to(top), title={"text": "share of updates"}),
            ),
        },
        f"½ to 10 × the mean norm: {', '.join(words)}.{left_out}",
    )


def shares_up_to(top: float) -> dict:
    """Ticks of a share up to `top`: there is room above for the bands, but nothing above 100%."""
    step = next(step for step in (0.02, 0.05, 0.1, 0.2) if step >= top / 6)
    at = np.arange(0.0, top + 1e-9, step)
    return {"tickmode": "array", "tickvals": at.tolist(), "ticktext": [f"{share:.0%}" for share in at]}


def spectrum(lab: Lab) -> Picture:
    """ρ and σ_max of W_hh while it learns."""
    data, words, most = [], [], 1.0
    for i, variant in enumerate(lab.variants):
        if variant.lesson.learner.cell.gated:
            words.append(f"{variant.name} has no one matrix of which to take them")
            continue
        at = [look.number for look in variant.looks]
        rho, sigma = (np.array([getattr(look, name) for look in variant.looks]) for name in ("rho", "sigma_max"))
        data.append(line(at, rho, f"{variant.name} ρ", f"${ink(lab, i)}", 2.5))
        data.append(line(at, sigma, f"{variant.name} σ_max", f"${ink(lab, i)}", 1.8, "dash"))
        most = max(most, float(np.max(sigma)))
        words.append(f"{variant.name}: ρ {number(rho[0])} → {number(rho[-1])}, σ_max → {number(sigma[-1])}")
    top = next((t for t in (1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64) if t >= 1.05 * most), 128)  # what diverges leaves
    data.append(line([0, lab.budget], [1, 1], "", "$faint", 1, "dot"))
    return Picture(
        "W_hh while it learns: spectral radius ρ and largest singular value σ_max",
        {"data": data, "layout": over_updates(xaxis=updates_axis(lab), yaxis=axis(range=[0, top]))},
        "; ".join(words) + ".",
    )
