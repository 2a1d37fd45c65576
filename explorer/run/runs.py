"""A Config, several, or a whole slider through the engine: forward, backward, and the record of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from explorer.config import Config, variant
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import bptt, forward, readout
from explorer.engine.carousel import Paths, paths
from explorer.engine.cells import CELLS, Params
from explorer.engine.flow import gradient_flow
from explorer.engine.losses import LOSSES, softmax
from explorer.engine.records import Trace
from explorer.engine.tasks import Sequences
from explorer.engine.weights import hidden_biases
from explorer.run.cutting import clip, gradients, truncate
from explorer.run.drawing import drawn_params, rates_of, sequences

# Fields that change neither the forward pass nor the full gradient.
AFTERWARDS = ("truncation", "window", "clip", "clip_at")
# Fields that move one drawn network: its recurrent weights times a number, or its hidden biases.
DRAWN = ("weight_scale", "bias", "forget_bias")


def run(config: Config, params: Params | None = None) -> Trace:
    """Everything about one network on one batch; see `Trace`. With `params`, these weights instead of the Config's."""
    if params is None:
        return _drawn([config])[0]
    rates = rates_of(CELLS[config.cell], params["W_hh"], [1.0])
    return _traces([config], sequences(config), params, {"W_hh": params["W_hh"][None]}, rates)[0]


def compare(config: Config, names: Sequence[str] = ("tanh", "sigmoid")) -> dict[str, Trace]:
    """The same settings with several cells or activations, names in VARIANTS; seed and inputs are shared bit for bit.

    So are the weights: between activations all of them, between cells W_hy and what stands before the candidate.
    """
    return {name: run(variant(config, name)) for name in names}


def along(config: Config, field: str, values: Iterable) -> list[Trace]:
    """One Trace per value of `field`, all else as in `config`.

    Fields of DRAWN go through the engine in one batched call. Where only the truncation or the clipping changes, the
    forward pass and the full gradient are computed once. Other fields take one run per value.
    """
    configs = [replace(config, **{field: value}) for value in values]
    if field in DRAWN:
        return _drawn(configs) if configs else []
    if field in AFTERWARDS:
        base = run(config)
        return [recut(base, each) for each in configs]
    return [run(each) for each in configs]


def recut(trace: Trace, config: Config) -> Trace:
    """The same run under another truncation or clipping; `config` may differ in AFTERWARDS alone."""
    cut = replace(trace, config=config, truncated=truncate(trace, config))
    return replace(cut, clipped=clip(cut, config.clip))


def _drawn(configs: Sequence[Config]) -> list[Trace]:
    """One Trace per Config, which may differ in DRAWN alone: one draw of weights under all of them."""
    config, cell, data = configs[0], CELLS[configs[0].cell], sequences(configs[0])
    params = drawn_params(config, data.xs.shape[-1], len(data.classes))
    scales = np.array([each.weight_scale for each in configs])
    biases = [hidden_biases(cell, config.hidden_size, each.bias, each.forget_bias) for each in configs]
    drawn = () if config.network else biases[0]  # a network of one's own has its own biases
    stacked = {name: np.stack([each[name] for each in biases])[:, None] for name in drawn}
    stacked["W_hh"] = np.multiply.outer(scales, params["W_hh"])
    return _traces(configs, data, params, stacked, rates_of(cell, params["W_hh"], scales))


def _traces(
    configs: Sequence[Config],
    data: Sequences,
    params: Params,
    stacked: Params,
    rates: Sequence[tuple[float | None, float | None]],
) -> list[Trace]:
    """One Trace per Config out of one batched call: arrays are (T, S, N, ·) inside.

    `stacked` holds what stands in `params` for each: W_hh (S, H, P), and biases (S, 1, P) if they differ.
    """
    together = {**params, **stacked}
    config, T = configs[0], len(data.xs)
    cell, activation = CELLS[config.cell], ACTIVATIONS[config.activation]
    loss_mask = np.ones(T) if config.loss_at == "every" else (np.arange(T) == T - 1).astype(float)

    with np.errstate(all="ignore"):  # an overflow is an event of the run, found afterwards; see figures/verdict.py
        xs, targets = data.xs[:, None], data.targets[:, None]
        states, pre = forward(together, xs, cell, activation)
        logits = readout(together, states)
        losses, dlogits = LOSSES[config.loss](logits, targets, np.ones((T, 1)))
        factors = cell.factors(pre, states, activation)
        taken = dlogits * loss_mask[:, None, None, None]
        dss, grads = bptt(together, xs, states, factors, taken, cell, np.ones(T))
        last, _ = gradient_flow(together, factors, dlogits, cell, last_only=True)
        probs = softmax(logits)

    def trace(s: int) -> Trace:
        return Trace(
            config=configs[s],
            params={name: stacked[name][s].reshape(p.shape) if name in stacked else p for name, p in params.items()},
            xs=data.xs,
            targets=data.targets,
            inputs=data.inputs,
            classes=data.classes,
            loss_mask=loss_mask,
            states=states[:, s],
            pre=pre[:, s],
            factors=factors[:, s],
            logits=logits[:, s],
            probs=probs[:, s],
            dlogits=dlogits[:, s],
            losses=losses[:, s] * loss_mask,
            loss=float((losses[:, s] * loss_mask).sum()),
            full=gradients(cell, dss[:, s], {name: g[s] for name, g in grads.items()}),
            truncated=None,
            clipped=None,
            last_row=last.log10_norms[s, 0],
            last_row_c=None if last.log10_norms_c is None else last.log10_norms_c[s, 0],
            rho=rates[s][0],
            sigma_max=rates[s][1],
        )

    return [recut(trace(s), configs[s]) for s in range(len(configs))]


def paths_of(trace: Trace, t: int | None = None) -> Paths:
    """The gradient of the loss at step t (the last) as the memory of a gated cell gets it, by the way it came."""
    end = len(trace.xs) if t is None else t + 1
    with np.errstate(all="ignore"):
        return paths(trace.params, trace.factors[:end], trace.dlogits[end - 1], trace.cell)
