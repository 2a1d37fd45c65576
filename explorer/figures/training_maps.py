"""What training does, looked at closely: gradients per step and update, the states of one sequence, its answers."""

from __future__ import annotations

import numpy as np

from explorer.engine.bptt import forward, readout
from explorer.engine.losses import softmax
from explorer.figures.hidden_states import coloured, symbols
from explorer.figures.theme import Picture, axis, layout, number, power, rows_domain, time_axis
from explorer.figures.training_curves import ink, line, over_updates, updates_axis
from explorer.training.lab import Lab, Variant

DECADES = (-8.0, 2.0)  # the colours of a gradient norm; what is smaller has the colour of the smallest
MOST_ANSWERS = 12


def gradients_over_updates(lab: Lab) -> Picture:
    """log10 ‖∂L/∂h_t‖, steps × updates, one heatmap per variant: where in time learning happens, and when."""
    data, axes, words = [], {}, []
    T = max(len(v.rows[0]) for v in lab.variants)
    for i, (variant, domain) in enumerate(zip(lab.variants, rows_domain(len(lab.variants), 0.08), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        z = np.maximum(np.stack(variant.rows), DECADES[0])
        data.append(heatmap(z, variant.name, tail, x0=1 + (variant.stride - 1) / 2, dx=variant.stride))
        last = i == len(lab.variants) - 1
        own = {} if last else {"showticklabels": False, "title": None}
        axes["xaxis" + tail] = updates_axis(lab, anchor="y" + tail, showgrid=False) | own
        axes["yaxis" + tail] = axis(
            range=[0.5, T + 0.5], domain=domain, title=row_title(variant.name), nticks=4, showgrid=False
        )
        final = z[-1].astype(float)
        words.append(f"{variant.name}: {newest(variant, final)}")
    bar = {"thickness": 9, "outlinewidth": 0, "x": 1.01, "xpad": 0, "nticks": 5, "tickprefix": "10<sup>"}
    scale = [[0, "$low"], [0.5, "$middle"], [1, "$high"]]
    colours = {"cmin": DECADES[0], "cmax": DECADES[1], "colorscale": scale, "colorbar": {**bar, "ticksuffix": "</sup>"}}
    return Picture(
        "Gradient per step, ‖∂L/∂h_t‖, steps × updates",
        {"data": data, "layout": over_updates(coloraxis=colours, **axes)},
        "In the newest update: " + "; ".join(words) + ".",
    )


def newest(variant: Variant, row: np.ndarray) -> str:
    """What the first and the last step hear in the newest update; log10 norms (T,)."""
    if variant.fault:
        return f"diverged at update {variant.number}"
    if row[0] <= DECADES[0]:
        return f"the first step hears less than {power(DECADES[0], 1)}"
    return f"first step {power(row[0], 2)}, last step {power(row[-1], 2)}"


def row_title(name: str) -> dict:
    """The name beside a small multiple, small enough for four of them."""
    return {"text": name, "font": {"size": 11}}


def heatmap(z: np.ndarray, name: str, tail: str, **place) -> dict:
    """Columns × rows on the axes of one small multiple."""
    return {
        "type": "heatmap",
        "z": z.astype(np.float32),
        "transpose": True,
        "x0": 1,
        "y0": 1,
        "coloraxis": "coloraxis",
        "name": name,
        "meta": {"missing": "$missing"},
        "xaxis": "x" + tail,
        "yaxis": "y" + tail,
        **place,
    }


def outputs_of(variant: Variant) -> tuple[np.ndarray, np.ndarray]:
    """States (T, H) and outputs (T, O) of the fixed sequence under the weights of now."""
    lesson = variant.lesson
    with np.errstate(all="ignore"):
        states, _ = forward(variant.params, lesson.fixed.xs, lesson.learner.cell, lesson.learner.activation)
        return states[1:, 0, : lesson.config.hidden_size], readout(variant.params, states)[:, 0]


def learnt_states(lab: Lab) -> Picture:
    """h_t of the fixed sequence under the weights of now."""
    data, axes, moved = [], {}, []
    for i, (variant, domain) in enumerate(zip(lab.variants, rows_domain(len(lab.variants), 0.1), strict=True)):
        tail = "" if i == 0 else str(i + 1)
        h, _ = outputs_of(variant)
        T, H = h.shape
        data.append(heatmap(coloured(h), variant.name, tail))
        last = i == len(lab.variants) - 1
        inputs = symbols(variant.lesson.inputs) if last else {"showticklabels": False}
        axes["xaxis" + tail] = time_axis(T, anchor="y" + tail, showgrid=False, **inputs)
        axes["yaxis" + tail] = axis(
            range=[0.5, H + 0.5], domain=domain, title=row_title(variant.name), nticks=3, showgrid=False
        )
        moved.append(f"{variant.name} |h| averages {number(float(np.abs(h).mean()), 2)}")
    bar = {"thickness": 9, "outlinewidth": 0, "x": 1.01, "xpad": 0, "nticks": 5, "title": {"text": "h"}}
    scale = [[0, "$low"], [0.5, "$middle"], [1, "$high"]]
    colours = {"cmin": -1.0, "cmax": 1.0, "colorscale": scale, "colorbar": bar}
    return Picture(
        "Hidden states of one sequence, units × steps",
        {"data": data, "layout": layout(coloraxis=colours, meta={"time": True}, **axes)},
        "; ".join(moved) + ".",
    )


def answers(lab: Lab, step: int) -> Picture:
    """What the network answers after a step of the fixed sequence: probabilities, or numbers against truth."""
    lesson = lab.variants[0].lesson
    s = min(step, len(lesson.fixed.xs)) - 1
    if lesson.fixed.targets.dtype.kind == "f":
        return numbers_against_truth(lab)
    target = int(lesson.fixed.targets[s, 0])
    with np.errstate(all="ignore"):  # the last good weights of a run that diverged may be far out
        probs = {v.name: softmax(outputs_of(v)[1].astype(float))[s] for v in lab.variants}
    order = np.argsort(-np.max(list(probs.values()), axis=0), kind="stable")[:MOST_ANSWERS]
    order = sorted({*order.tolist(), target})
    data, n = [], len(lab.variants)
    for i, p in enumerate(probs.values()):
        y = np.arange(len(order)) + 0.7 * ((i + 0.5) / n - 0.5)
        x = np.stack([np.zeros(len(order)), p[order], np.full(len(order), np.nan)], axis=1).ravel()
        data.append(line(x, np.repeat(y, 3), lab.variants[i].name, f"${ink(lab, i)}", min(14, 80 / len(order) / n)))
    right = order.index(target)
    data.append(
        {
            **line([1.03], [right], "right answer", "$text"),
            "mode": "markers",
            "marker": {"symbol": "diamond", "size": 9, "color": "$text"},
            "meta": "silent",
        }
    )
    names = [lesson.classes[c] for c in order]
    rows = axis(
        range=[len(order) - 0.4, -0.6],
        tickmode="array",
        tickvals=list(range(len(order))),
        ticktext=names,
        showgrid=False,
    )
    said = ", ".join(f"{name} {number(float(p[target]), 2)}" for name, p in probs.items())
    return Picture(
        f"{prompt(lesson.inputs, s)} → ?   (after step {s + 1})",
        {"data": data, "layout": over_updates(xaxis=axis(range=[0, 1.07], title={"text": "probability"}), yaxis=rows)},
        f"Probability of the right answer, “{lesson.classes[target]}”: {said}.",
    )


def prompt(inputs: tuple[str, ...] | None, s: int) -> str:
    """The last symbols read up to step s, for a title."""
    if inputs is None:
        return f"step {s + 1}"
    space = " " if max(map(len, inputs)) > 1 else ""
    return "“…" + space.join(inputs[max(s - 7, 0) : s + 1]).replace("\n", "⏎") + "”"


def numbers_against_truth(lab: Lab) -> Picture:
    """Answers that are numbers: every validation sequence is a point, right ones lie on the diagonal."""
    data, words = [line([0, 2], [0, 2], "right", "$faint", 1.5, "dot")], []
    for i, variant in enumerate(lab.variants):
        lesson, batch = variant.lesson, variant.lesson.validation
        with np.errstate(all="ignore"):
            states, _ = forward(variant.params, batch.xs, lesson.learner.cell, lesson.learner.activation)
            y = readout(variant.params, states[-2:])[0, :, 0]
        truth = batch.targets[-1, :, 0]
        data.append(
            {
                **line(truth, y, variant.name, f"${ink(lab, i)}"),
                "mode": "markers",
                "marker": {"symbol": "circle-open", "size": 7, "color": f"${ink(lab, i)}"},
            }
        )
        words.append(f"{variant.name} {number(float(np.sqrt(np.mean((y - truth) ** 2))), 2)}")
    return Picture(
        "Answer against truth, validation sequences",
        {
            "data": data,
            "layout": over_updates(
                xaxis=axis(range=[0, 2], title={"text": "truth"}),
                yaxis=axis(range=[-0.3, 2.3], title={"text": "answer"}),
            ),
        },
        f"Root mean square error: {', '.join(words)}; always answering 1 gives {number(np.sqrt(1 / 6), 2)}.",
    )
