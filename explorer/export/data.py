"""A run's numbers as files: `.csv` for a spreadsheet, `.npz` for Python. Every array says what it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import zip_longest

import numpy as np

from explorer.engine.records import Trace

PARAMETERS = "a parameter of the network, as used (weight scale and input scale are in it)"
ARRAYS = {  # name: (symbol, shape, unit or meaning)
    "xs": ("x_t", "(T, N, D)", "inputs, time first"),
    "targets": ("target_t", "(T, N) or (T, N, O)", "class numbers from 0, or values"),
    "loss_mask": ("", "(T,)", "1 at the steps at which a loss is taken"),
    "hs": ("h_t", "(T+1, N, H)", "hidden states; hs[0] is the state before the first step, hs[t+1] that of step t"),
    "logits": ("y_t", "(T, N, O)", "before the softmax"),
    "losses": ("L_t", "(T,)", "nats, mean over the batch; 0 where no loss is taken"),
    "full.log10_dh_norms": ("log10 |dL/dh_t|", "(T,)", "decades; Frobenius over N and H; -inf is exactly 0"),
    "truncated.log10_dh_norms": ("the same, truncated", "(T,)", "decades; the full gradient if nothing is cut"),
    "last_row": ("log10 |dL_T/dh_t|", "(T,)", "decades; the last loss alone"),
    "flow": ("log10 |dL_t/dh_k|", "(T, T)", "decades; row t is a loss, column k a state, -inf for k > t"),
}
OF_SHAPES = {  # arrays of the Shapes page; C updates after which weights were kept
    "losses": "nats; before every update, of all examples, or (C, T) of the one example that is followed",
    "updates": "the C numbers of updates",
    "probs": "the probability of the likeliest class at every step",
    "asked": "the steps at which a loss is taken, from 0",
    "states": "log10 |dL/ds_t|, decades",
    "back": "log10 of what step t sends to the state that it read, decades",
    "entering": "log10 |dL/da_t|, decades",
    "flow": "log10 |dL_t/ds_k|, decades; a row for each loss",
}
OF_TRAINING = {  # arrays of each variant of a training run
    "losses": "of every update's batch before that update, in nats or as half the squared error",
    "norms": "|g| of every update, before clipping",
    "clipped_norms": "|g| of every update, after clipping",
    "looks": "rows: update, loss and accuracy on validation sequences, spectral radius, largest singular value of W_hh",
    "codes": "the text to learn from, a number per symbol",
    "held_back": "the end of the text, by which it is judged",
}


def collected(traces: Mapping[str, Trace]) -> dict[str, np.ndarray]:
    """{name: array}: what all networks share under its own name, what is one network's under "tanh.hs"."""
    first = next(iter(traces.values()))
    arrays = {name: getattr(first, name) for name in ("xs", "targets", "loss_mask")}
    for name, trace in traces.items():
        own = {"hs": trace.hs, "logits": trace.logits, "losses": trace.losses, "last_row": trace.last_row}
        own |= {"full.log10_dh_norms": trace.full.log10_dh_norms, "flow": trace.flow.log10_norms}
        own["truncated.log10_dh_norms"] = trace.used.log10_dh_norms
        arrays |= {f"{name}.{key}": array for key, array in (dict(trace.params) | own).items()}
    return arrays


def told(arrays: Mapping[str, np.ndarray]) -> str:
    """A line per array: name, symbol, shape, unit."""
    lines = ["Arrays of one run; T steps, N sequences, D inputs, H hidden units, O outputs. Steps count from 0 here."]
    for name, array in arrays.items():
        symbol, shape, unit = ARRAYS.get(name) or ARRAYS.get(name.partition(".")[2]) or ("", "", PARAMETERS)
        lines.append(" | ".join(filter(None, (name, symbol, f"{shape} = {array.shape}".strip(" ="), unit))))
    return "\n".join(lines) + "\n"


def npz(traces: Mapping[str, Trace]) -> bytes:
    """Everything of a run in one file; the text README in it says what each array is."""
    arrays = collected(traces)
    return archive(arrays, told(arrays))


def archive(arrays: Mapping[str, np.ndarray], readme: str) -> bytes:
    """An .npz, with what it holds as its README."""
    file = io.BytesIO()
    np.savez_compressed(file, README=np.array(readme), **arrays)
    return file.getvalue()


def table(traces: Mapping[str, Trace]) -> str:
    """The time series of a run, a row per step, for a spreadsheet; a column says in its name what it holds."""
    first = next(iter(traces.values()))
    T = len(first.xs)
    columns: dict[str, list] = {"step": list(range(1, T + 1))}
    if first.inputs is not None:
        columns["reads"] = [cell(symbol) for symbol in first.inputs]
    for name, trace in traces.items():
        columns[f"{name}: loss L_t (nats)"] = trace.losses.tolist()
        columns[f"{name}: log10 |dL/dh_t| full"] = trace.full.log10_dh_norms.tolist()
        columns[f"{name}: log10 |dL/dh_t| truncated"] = trace.used.log10_dh_norms.tolist()
        columns[f"{name}: log10 |dL_T/dh_t|"] = trace.last_row.tolist()
        for unit in range(trace.hs.shape[-1]):
            columns[f"{name}: h_t unit {unit + 1} (first sequence)"] = trace.hs[1:, 0, unit].tolist()
    return spreadsheet(columns)


def spreadsheet(columns: Mapping[str, Sequence]) -> str:
    """Columns under their names; shorter ones end early."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(map(cell, columns))
    writer.writerows(zip_longest(*columns.values(), fillvalue=""))
    return "\ufeff" + file.getvalue()  # the mark by which spreadsheets know UTF-8


def cell(symbol: str) -> str:
    """A symbol that a spreadsheet will not take for a formula."""
    return "'" + symbol if symbol[:1] in tuple("=+-@\t\r") else symbol
