"""A run's gradient once more: truncated, clipped, or both; nothing is run forward again, save by `with_reset`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import bptt, forward, readout, weight_gradients
from explorer.engine.cells import Cell, Params
from explorer.engine.clipping import CLIPPERS
from explorer.engine.flow import gradient_flow
from explorer.engine.losses import LOSSES
from explorer.engine.records import Gradients, Trace
from explorer.engine.truncation import TRUNCATIONS
from explorer.run.drawing import streams


def truncate(trace: Trace, config: Config) -> Gradients | None:
    """The truncated gradient of a run, or None where nothing is cut by choice ("full")."""
    return None if config.truncation == "full" else backward(trace, config)


def backward(trace: Trace, config: Config, clip_at: float = np.inf) -> Gradients:
    """The gradient of a run under the Config's truncation; with `clip_at`, clipped at each step on the way back.

    Where the truncation is no recurrence (sliding), every loss goes back on its own, and is clipped on its own.
    """
    truncation, T = TRUNCATIONS[config.truncation], len(trace.xs)
    rng = np.random.default_rng(streams(config.seed)[2])
    if truncation.keep is None:
        return _with_masks(trace, truncation.mask(T, config.window, rng)[None], clip_at)[0]
    keep, taken = truncation.keep(T, config.window, rng), trace.dlogits * trace.loss_mask[:, None, None]
    with np.errstate(all="ignore"):
        dss, grads = bptt(trace.params, trace.xs, trace.states, trace.factors, taken, trace.cell, keep, clip_at)
    return gradients(trace.cell, dss, grads)


def gradients(cell: Cell, dss: np.ndarray, grads: Params) -> Gradients:
    """The record, from ∂L/∂s_t of all steps: h and c apart."""
    parts = cell.split(dss)
    return Gradients(parts["h"], grads, parts.get("c"))


def keep_of(config: Config) -> np.ndarray | None:
    """The factors (T,) of a Config's truncation, the same random cuts as in its run; None if it is no recurrence."""
    keep = TRUNCATIONS[config.truncation].keep
    rng = np.random.default_rng(streams(config.seed)[2])
    return None if keep is None else keep(config.sequence_length, config.window, rng)


def mask_of(config: Config) -> np.ndarray:
    """The (T, T) weights of a Config's truncation; the same random cuts as in its run."""
    rng = np.random.default_rng(streams(config.seed)[2])
    return TRUNCATIONS[config.truncation].mask(config.sequence_length, config.window, rng)


def by_mask(trace: Trace, masks: np.ndarray) -> np.ndarray:
    """Σ_t masks[m, t, k] ∂L_t/∂h_k over the losses that the run takes. masks (M, T, T) → (M, T, N, H)."""
    return trace.cell.split(_states_by_mask(trace, masks))["h"]


def _states_by_mask(trace: Trace, masks: np.ndarray, clip_at: float = np.inf) -> np.ndarray:
    """The same for the whole state. masks (M, T, T) → (M, T, N, S)."""
    taken = masks * trace.loss_mask[:, None]
    last = trace.config.loss_at == "last"
    with np.errstate(all="ignore"):
        return gradient_flow(trace.params, trace.factors, trace.dlogits, trace.cell, taken, last, clip_at)[1]


def _with_masks(trace: Trace, masks: np.ndarray, clip_at: float = np.inf) -> list[Gradients]:
    """The gradient of one run under each of M truncations, all in one sweep. masks (M, T, T)."""
    cell, taken = trace.cell, trace.dlogits * trace.loss_mask[:, None, None]
    with np.errstate(all="ignore"):
        return [
            gradients(cell, dss, weight_gradients(trace.xs, trace.states, cell.to_pre(dss, trace.factors), taken, cell))
            for dss in _states_by_mask(trace, masks, clip_at)
        ]


def under_windows(trace: Trace, kind: str, windows: Sequence[int]) -> list[Gradients]:
    """The gradient of one run under one truncation with each of several windows, in one pass or one sweep."""
    truncation, T = TRUNCATIONS[kind], len(trace.xs)
    rngs = [np.random.default_rng(streams(trace.config.seed)[2]) for _ in windows]
    windows = [max(window, truncation.min_window) for window in windows]
    if truncation.keep is not None:
        return with_keeps(trace, [truncation.keep(T, w, rng) for w, rng in zip(windows, rngs, strict=True)])
    return _with_masks(trace, np.stack([truncation.mask(T, w, rng) for w, rng in zip(windows, rngs, strict=True)]))


def with_keeps(trace: Trace, keeps: Sequence[np.ndarray]) -> list[Gradients]:
    """The gradient of one run under each of V recurrences `keep` (T,), all in one backward loop."""
    cell, taken = trace.cell, trace.dlogits * trace.loss_mask[:, None, None]
    with np.errstate(all="ignore"):
        dss, grads = bptt(trace.params, trace.xs, trace.states, trace.factors, taken, cell, np.stack(keeps, axis=1))
    untouched = ("W_hy", "b_y")  # the read-out lies outside the recurrence: no truncation changes its gradient
    return [
        gradients(cell, dss[:, v], {name: g if name in untouched else g[v] for name, g in grads.items()})
        for v in range(len(keeps))
    ]


def with_reset(trace: Trace, window: int) -> tuple[float, Gradients]:
    """Block truncation with the state reset to 0 at every edge, instead of carried on: (loss, its gradient).

    Resetting makes the blocks independent sequences, which stand side by side here: arrays are (window, blocks, N, ·).
    It is another network (its losses differ), and for that network the gradient is the full one.
    """
    T, window = len(trace.xs), min(window, len(trace.xs))
    blocks = -(-T // window)

    def side_by_side(u: np.ndarray) -> np.ndarray:
        padded = np.concatenate([u, np.zeros((blocks * window - T, *u.shape[1:]), u.dtype)])
        return np.moveaxis(padded.reshape(blocks, window, *u.shape[1:]), 0, 1)

    config, cell, params = trace.config, trace.cell, {**trace.params, "W_hh": np.stack([trace.params["W_hh"]] * blocks)}
    activation = ACTIVATIONS[config.activation]
    xs, targets, mask = (side_by_side(u) for u in (trace.xs, trace.targets, trace.loss_mask))
    with np.errstate(all="ignore"):
        states, pre = forward(params, xs, cell, activation)
        losses, dys = LOSSES[config.loss](readout(params, states), targets, mask)
        factors = cell.factors(pre, states, activation)
        dss, grads = bptt(params, xs, states, factors, dys, cell, np.ones(window))
    dss = np.moveaxis(dss, 1, 0).reshape(blocks * window, *trace.states.shape[1:])[:T]
    return float(losses.sum()), gradients(cell, dss, {name: g.sum(axis=0) for name, g in grads.items()})


def clip(trace: Trace, kind: str) -> Gradients | None:
    """The gradient that the run uses, clipped in one of the ways of CLIPPERS; None where it is not finite.

    The parameters' gradients alone are clipped, dhs stay as they are; "step" goes back anew and changes both.
    """
    threshold = trace.config.clip_at
    if kind == "step":
        clipped = backward(trace, trace.config, threshold)
        return clipped if np.isfinite(clipped.norm) else None
    if not all(np.isfinite(g).all() for g in trace.used.grads.values()):
        return None
    return replace(trace.used, grads=CLIPPERS[kind](trace.used.grads, threshold))


def flow_clipped(trace: Trace) -> np.ndarray:
    """log10 ‖∂L_t/∂h_k‖ (T, T) where every loss is carried back alone and clipped at each step."""
    flow, _ = gradient_flow(trace.params, trace.factors, trace.dlogits, trace.cell, clip_at=trace.config.clip_at)
    return flow.log10_norms
