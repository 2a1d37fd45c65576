"""What the lessons ask about a run. Gaps and changes are in decades, angles in degrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import numpy as np

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import forward
from explorer.engine.cells import CELLS
from explorer.engine.clipping import angle
from explorer.engine.diagnostics import HORIZON
from explorer.engine.records import Gradients, Trace
from explorer.lessons.questions import Traces
from explorer.run import descent, run


def of(name: str, measure: Callable) -> Callable[[Traces], bool]:
    """What `measure` says of the run called `name`."""
    return lambda traces: measure(traces[name])


def change(trace: Trace) -> float:
    """log10 of ‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖; of the LSTM at c, as its picture shows it."""
    return float(trace.memory_row[0] - trace.memory_row[-1])


def rise(trace: Trace) -> float:
    """log10 of the largest ‖∂L_T/∂h_k‖ / ‖∂L_T/∂h_T‖."""
    return float(trace.memory_row.max() - trace.memory_row[-1])


def vanishes(trace: Trace) -> bool:
    """The last loss's term falls below 1/1000 of its start on the way to step 1."""
    return change(trace) < HORIZON


def explodes(trace: Trace) -> bool:
    """It rises above 1000 times its start."""
    return change(trace) > -HORIZON


def grows(trace: Trace) -> bool:
    """It ends at least twice as large as it began."""
    return change(trace) > 0.3


def stays(trace: Trace) -> bool:
    """Neither."""
    return not vanishes(trace) and not explodes(trace)


def apart(trace: Trace, s: int, t: int) -> float:
    """‖h_s − h_t‖ / ‖h_t‖."""
    return float(np.linalg.norm(trace.hs[s] - trace.hs[t]) / np.linalg.norm(trace.hs[t]))


def change_of_state(trace: Trace) -> float:
    """log10 of ‖h_T′ − h_T‖ / ‖h_T‖, where h′ has read the second letter of the alphabet at step 1."""
    xs = trace.xs.copy()
    xs[0] = np.eye(xs.shape[-1])[1]
    hs, _ = forward(trace.params, xs, CELLS[trace.config.cell], ACTIVATIONS[trace.config.activation])
    return float(np.log10(np.linalg.norm(hs[-1] - trace.hs[-1]) / np.linalg.norm(trace.hs[-1])))


def contributions(trace: Trace) -> np.ndarray:
    """(T, H, H): what each step adds to ∂L/∂W_hh, h_{k−1}ᵀ (φ′(a_k) ∘ ∂L/∂h_k)."""
    return np.einsum("tni,tnj->tij", trace.hs[:-1], trace.slopes * trace.full.dhs)


def turned(one: Gradients, other: Gradients) -> float:
    """The angle between two gradients of W_hh."""
    return angle({"W_hh": one.grads["W_hh"]}, {"W_hh": other.grads["W_hh"]})


def silent(gradients: Gradients) -> np.ndarray:
    """(T,) True where ∂L/∂h_t is exactly 0."""
    return np.isneginf(gradients.log10_dh_norms)


def with_(trace: Trace, **changes) -> Trace:
    """The run with some settings changed."""
    return run(replace(trace.config, **changes))


@lru_cache(maxsize=64)
def share_of_seeds(config: Config, measure: Callable[[Trace], bool], seeds: int = 16) -> float:
    """For which share of this many networks, drawn with other seeds, a measure holds."""
    return float(np.mean([measure(run(replace(config, seed=seed))) for seed in range(seeds)]))


@lru_cache(maxsize=4)
def trained(config: Config, learning_rate: float, updates: int) -> tuple[Trace, ...]:
    """The run before, and after each update of plain gradient descent."""
    return tuple(descent(config, run(config).params, learning_rate, updates))
