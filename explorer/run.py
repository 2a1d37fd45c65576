"""From names to numbers: `run(config)` draws a network and its data, runs the engine and returns a `Trace`.

`along` runs a whole slider at once. Both go through the same lines, and a run on a slider is the same run, bit for
bit, as the one computed alone: that is what lets a picture be dragged through values computed in advance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import bptt, forward, readout, weight_gradients
from explorer.engine.cells import CELLS, Params
from explorer.engine.clipping import CLIPPERS
from explorer.engine.diagnostics import sigma_max, spectral_radius
from explorer.engine.flow import gradient_flow
from explorer.engine.losses import LOSSES, softmax
from explorer.engine.records import Gradients, Trace
from explorer.engine.tasks import TASKS, Sequences
from explorer.engine.training import sgd
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import draw_params

# Fields that change neither the forward pass nor the full gradient.
AFTERWARDS = ("truncation", "window", "clip", "clip_at")


def run(config: Config, params: Params | None = None) -> Trace:
    """Everything about one network on one batch; see `Trace`. With `params`, that network instead of a drawn one."""
    if params is None:
        return _drawn(config, [config.weight_scale])[0]
    W = params["W_hh"]
    lead = {**params, "W_hh": W[None]}
    return _traces([config], sequences(config), lead, spectral_radius(W)[None], sigma_max(W)[None])[0]


def compare(config: Config, activations: Sequence[str] = ("tanh", "sigmoid")) -> dict[str, Trace]:
    """The same network with several activations: seed, weights and inputs are shared bit for bit."""
    return {name: run(replace(config, activation=name)) for name in activations}


def along(config: Config, field: str, values: Iterable) -> list[Trace]:
    """One Trace per value of `field`, all else as in `config`.

    Weight scales go through the engine in one batched call. Where only the truncation or the clipping changes, the
    forward pass and the full gradient are computed once. Other fields take one run per value.
    """
    values = list(values)
    if field == "weight_scale":
        return _drawn(config, values) if values else []
    if field in AFTERWARDS:
        base = run(config)
        return [recut(base, replace(config, **{field: value})) for value in values]
    return [run(replace(config, **{field: value})) for value in values]


def recut(trace: Trace, config: Config) -> Trace:
    """The same run under another truncation or clipping; `config` may differ in AFTERWARDS alone."""
    truncated = truncate(trace, config)
    return replace(trace, config=config, truncated=truncated, clipped=clip(truncated or trace.full, config))


def streams(seed: int) -> tuple[np.random.SeedSequence, ...]:
    """Three independent sources of randomness: parameters, data, truncation."""
    return tuple(np.random.SeedSequence(seed).spawn(3))


def sequences(config: Config) -> Sequences:
    """The inputs and targets of a Config."""
    rngs = [np.random.default_rng(s) for s in streams(config.seed)[1].spawn(config.batch_size)]
    return TASKS[config.task].make(config.sequence_length, config.batch_size, config.text, rngs)


def _drawn(config: Config, weight_scales: Sequence[float]) -> list[Trace]:
    """One Trace per weight scale: one draw of weights under all of them."""
    data, scales = sequences(config), np.array(weight_scales, dtype=float)
    rng = np.random.default_rng(streams(config.seed)[0])
    sizes = (data.xs.shape[-1], config.hidden_size, len(data.classes))
    params = draw_params(rng, CELLS[config.cell], config.init, sizes, config.input_scale, config.bias)
    rho, sigma = scales * spectral_radius(params["W_hh"]), scales * sigma_max(params["W_hh"])
    params["W_hh"] = np.multiply.outer(scales, params["W_hh"])
    return _traces([replace(config, weight_scale=scale) for scale in weight_scales], data, params, rho, sigma)


def _traces(
    configs: Sequence[Config], data: Sequences, params: Params, rho: np.ndarray, sigma: np.ndarray
) -> list[Trace]:
    """One Trace per W_hh of params["W_hh"] (S, H, H), out of one batched call: arrays are (T, S, N, ·) inside."""
    config, T = configs[0], len(data.xs)
    cell, activation = CELLS[config.cell], ACTIVATIONS[config.activation]
    loss_mask = np.ones(T) if config.loss_at == "every" else (np.arange(T) == T - 1).astype(float)

    with np.errstate(all="ignore"):  # an overflow is an event of the run, found afterwards; see figures/verdict.py
        xs, targets = data.xs[:, None], data.targets[:, None]
        hs, pre = forward(params, xs, cell, activation)
        logits = readout(params, hs)
        losses, dlogits = LOSSES[TASKS[config.task].loss](logits, targets, np.ones((T, 1)))
        slopes = activation.dphi(pre)
        taken = dlogits * loss_mask[:, None, None, None]
        dhs, grads = bptt(params, xs, hs, slopes, taken, cell, np.ones(T))
        log10_norms, _ = gradient_flow(params, slopes, dlogits, cell, last_only=True)
        probs = softmax(logits)

    def trace(s: int) -> Trace:
        own = {**params, "W_hh": params["W_hh"][s]}
        full = Gradients(dhs[:, s], {name: g[s] for name, g in grads.items()})
        return Trace(
            config=configs[s],
            params=own,
            xs=data.xs,
            targets=data.targets,
            inputs=data.inputs,
            classes=data.classes,
            loss_mask=loss_mask,
            hs=hs[:, s],
            pre=pre[:, s],
            slopes=slopes[:, s],
            logits=logits[:, s],
            probs=probs[:, s],
            dlogits=dlogits[:, s],
            losses=losses[:, s] * loss_mask,
            loss=float((losses[:, s] * loss_mask).sum()),
            full=full,
            truncated=None,
            clipped=None,
            last_row=log10_norms[s, 0],
            rho=float(rho[s]),
            sigma_max=float(sigma[s]),
        )

    return [recut(trace(s), configs[s]) for s in range(len(configs))]


def descent(config: Config, params: Params, learning_rate: float, updates: int) -> list[Trace]:
    """Plain gradient descent on one batch from the given weights: the Trace before, and after each update."""
    traces = [run(config, params)]
    for _ in range(updates):
        traces.append(run(config, sgd(traces[-1].params, traces[-1].used.grads, learning_rate)))
    return traces


def loss_of(config: Config, params: Params) -> np.ndarray:
    """L = Σ_t L_t as a function of the weights, forward pass only; for difference checks.

    Leading axes of the weights (biases (*lead, 1, H)) and complex weights go through: (*lead,).
    """
    data = sequences(config)
    T, lead = len(data.xs), params["W_hh"].shape[:-2]
    xs, targets = (u.reshape(T, *(1,) * len(lead), *u.shape[1:]) for u in (data.xs, data.targets))
    hs, _ = forward(params, xs, CELLS[config.cell], ACTIVATIONS[config.activation])
    losses, _ = LOSSES[TASKS[config.task].loss](readout(params, hs), targets, np.ones((T, *(1,) * len(lead))))
    return losses.sum(axis=0) if config.loss_at == "every" else losses[-1]


def truncate(trace: Trace, config: Config) -> Gradients | None:
    """The truncated gradient of a run, or None where nothing is cut by choice ("full")."""
    if config.truncation == "full":
        return None
    truncation, T = TRUNCATIONS[config.truncation], len(trace.xs)
    rng = np.random.default_rng(streams(config.seed)[2])
    cell = CELLS[config.cell]
    taken = trace.dlogits * trace.loss_mask[:, None, None]
    with np.errstate(all="ignore"):
        if truncation.keep is not None:
            keep = truncation.keep(T, config.window, rng)
            return Gradients(*bptt(trace.params, trace.xs, trace.hs, trace.slopes, taken, cell, keep))
        (dhs,) = by_mask(trace, truncation.mask(T, config.window, rng)[None])
        return Gradients(dhs, weight_gradients(trace.xs, trace.hs, dhs * trace.slopes, taken))


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
    taken = masks * trace.loss_mask[:, None]
    last = trace.config.loss_at == "last"
    with np.errstate(all="ignore"):
        return gradient_flow(trace.params, trace.slopes, trace.dlogits, CELLS[trace.config.cell], taken, last)[1]


def under_windows(trace: Trace, kind: str, windows: Sequence[int]) -> list[Gradients]:
    """The gradient of one run under one truncation with each of several windows, in one pass or one sweep."""
    truncation, T = TRUNCATIONS[kind], len(trace.xs)
    rngs = [np.random.default_rng(streams(trace.config.seed)[2]) for _ in windows]
    windows = [max(window, truncation.min_window) for window in windows]
    if truncation.keep is not None:
        return with_keeps(trace, [truncation.keep(T, w, rng) for w, rng in zip(windows, rngs, strict=True)])
    masks = np.stack([truncation.mask(T, w, rng) for w, rng in zip(windows, rngs, strict=True)])
    taken = trace.dlogits * trace.loss_mask[:, None, None]
    return [
        Gradients(dhs, weight_gradients(trace.xs, trace.hs, dhs * trace.slopes, taken)) for dhs in by_mask(trace, masks)
    ]


def with_keeps(trace: Trace, keeps: Sequence[np.ndarray]) -> list[Gradients]:
    """The gradient of one run under each of V recurrences `keep` (T,), all in one backward loop."""
    taken = trace.dlogits * trace.loss_mask[:, None, None]
    cell = CELLS[trace.config.cell]
    with np.errstate(all="ignore"):
        dhs, grads = bptt(trace.params, trace.xs, trace.hs, trace.slopes, taken, cell, np.stack(keeps, axis=1))
    untouched = ("W_hy", "b_y")  # the read-out lies outside the recurrence: no truncation changes its gradient
    return [
        Gradients(dhs[:, v], {name: g if name in untouched else g[v] for name, g in grads.items()})
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

    config, params = trace.config, {**trace.params, "W_hh": np.stack([trace.params["W_hh"]] * blocks)}
    cell, activation = CELLS[config.cell], ACTIVATIONS[config.activation]
    xs, targets, mask = (side_by_side(u) for u in (trace.xs, trace.targets, trace.loss_mask))
    with np.errstate(all="ignore"):
        hs, pre = forward(params, xs, cell, activation)
        losses, dys = LOSSES[TASKS[config.task].loss](readout(params, hs), targets, mask)
        dhs, grads = bptt(params, xs, hs, activation.dphi(pre), dys, cell, np.ones(window))
    dhs = np.moveaxis(dhs, 1, 0).reshape(blocks * window, *trace.hs.shape[1:])[:T]
    return float(losses.sum()), Gradients(dhs, {name: g.sum(axis=0) for name, g in grads.items()})


def clip(gradients: Gradients, config: Config) -> Gradients | None:
    """The gradient after clipping; its dhs are unchanged. None where it is not finite."""
    if not np.isfinite(gradients.norm):
        return None
    return replace(gradients, grads=CLIPPERS[config.clip](gradients.grads, config.clip_at))
