"""From names to numbers: `run(config)` draws a network and its data, runs the engine and returns a `Trace`.

`along` runs a whole slider at once. Both go through the same lines, and a run on a slider is the same run, bit for
bit, as the one computed alone: that is what lets a picture be dragged through values computed in advance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from explorer.config import Config, ConfigError, variant
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import all_steps, bptt, forward, readout, weight_gradients
from explorer.engine.carousel import Paths, paths
from explorer.engine.cells import CELLS, Cell, Params
from explorer.engine.clipping import CLIPPERS, global_norm
from explorer.engine.diagnostics import sigma_max, spectral_radius
from explorer.engine.flow import gradient_flow
from explorer.engine.jacobians import log10_reach, lyapunov
from explorer.engine.losses import LOSSES, softmax
from explorer.engine.norms import log10_norms
from explorer.engine.optimisers import sgd
from explorer.engine.own import OUTPUTS
from explorer.engine.records import Gradients, RegimeMap, Trace
from explorer.engine.tasks import TASKS, Sequences, gaussian_noise
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import draw_params, hidden_biases

# Fields that change neither the forward pass nor the full gradient.
AFTERWARDS = ("truncation", "window", "clip", "clip_at")
# Fields that move one drawn network: its recurrent weights times a number, or its hidden biases.
DRAWN = ("weight_scale", "bias", "forget_bias")
# What a map of regimes goes over where nothing else is said.
MAP_SCALES = tuple(float(f"{scale:.3g}") for scale in np.geomspace(0.1, 16, 40))
MAP_SEEDS = 8


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


def streams(seed: int) -> tuple[np.random.SeedSequence, ...]:
    """Four independent sources of randomness: parameters, data, truncation, directions to follow."""
    return tuple(np.random.SeedSequence(seed).spawn(4))


def sequences(config: Config) -> Sequences:
    """The inputs and targets of a Config: its own sequence, noise of its own network's size, or those of its task."""
    rngs = [np.random.default_rng(s) for s in streams(config.seed)[1].spawn(config.batch_size)]
    network, reading = config.network, config.reading
    outputs = (network and network.outputs) or (reading and reading.outputs) or OUTPUTS
    if reading is not None:
        return reading.sequences(config.sequence_length, config.batch_size, outputs, rngs)
    if network is not None and config.task == "noise":
        return gaussian_noise(config.sequence_length, config.batch_size, rngs, network.inputs, outputs)
    return TASKS[config.task].make(config.sequence_length, config.batch_size, config.text, rngs)


def drawn_params(config: Config, D: int, O: int) -> Params:
    """The weights that a Config starts from at weight scale 1, for D inputs and O outputs.

    Drawn, or its own network's, with a drawn read-out if that has none.
    """
    rng, sizes = np.random.default_rng(streams(config.seed)[0]), (D, config.hidden_size, O)
    biases = config.bias, config.forget_bias
    params = draw_params(rng, CELLS[config.cell], config.init, sizes, config.input_scale, *biases)
    if config.network is not None:
        own = config.network.params
        params |= {**own, "W_xh": config.input_scale * own["W_xh"]}
    return params


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


def rates_of(cell: Cell, W_hh: np.ndarray, scales: Iterable[float]) -> list[tuple[float | None, float | None]]:
    """(ρ, σ_max) of scale · W_hh for each scale; None for gated cells, which have no such rates."""
    if cell.gated:
        return [(None, None) for _ in scales]
    rho, sigma = spectral_radius(W_hh), sigma_max(W_hh)
    return [(float(scale * rho), float(scale * sigma)) for scale in scales]


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


def gradients(cell: Cell, dss: np.ndarray, grads: Params) -> Gradients:
    """The record, from ∂L/∂s_t of all steps: h and c apart."""
    parts = cell.split(dss)
    return Gradients(parts["h"], grads, parts.get("c"))


def next_seeds(seed: int, n: int = MAP_SEEDS) -> tuple[int, ...]:
    """This seed and those after it."""
    return tuple((seed + i) % 2**31 for i in range(n))


def regime_map(
    config: Config,
    activations: Sequence[str] = ("tanh", "sigmoid"),
    scales: Sequence[float] = MAP_SCALES,
    seeds: Sequence[int] | None = None,
) -> RegimeMap:
    """What becomes of the last loss's term at every length up to the Config's, for all scales, seeds and activations.

    All scales and seeds of an activation are one batched call, (T, S, W, N, ·), all lengths one running product. Each
    entry is that of a single run, for tasks of which a longer T only extends a shorter one; vanilla cells.
    Without `seeds`: the Config's and the next ones.
    """
    seeds = next_seeds(config.seed) if seeds is None else tuple(seeds)
    if CELLS[config.cell].gated:
        raise ConfigError("cell", f"cell = {config.cell} has no map of regimes: choose rnn")
    if not TASKS[config.task].extends:
        raise ConfigError("task", f"task = {config.task} makes other sequences for each T, no map: choose another")
    configs = [replace(config, seed=seed) for seed in seeds]
    data = [sequences(c) for c in configs]
    xs, targets = (np.stack([getattr(d, name) for d in data], axis=1)[:, :, None] for name in ("xs", "targets"))
    networks = [drawn_params(c, d.xs.shape[-1], len(d.classes)) for c, d in zip(configs, data, strict=True)]
    params = {name: np.stack([np.atleast_2d(p[name]) for p in networks])[:, None] for name in networks[0]}
    W = params["W_hh"][:, 0]
    params["W_hh"] = np.array(scales, dtype=float)[:, None, None] * params["W_hh"]
    ratios = {name: _ratios(config, name, params, xs, targets) for name in activations}
    return RegimeMap(config, seeds, tuple(scales), ratios, spectral_radius(W), sigma_max(W))


def _ratios(config: Config, activation: str, params: Params, xs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """log10 ‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖ for every T. xs (T, S, 1, N, D), W_hh (S, W, H, H) → (S, W, T)."""
    phi, cell = ACTIVATIONS[activation], CELLS[config.cell]
    with np.errstate(all="ignore"):
        states, pre = forward(params, xs, cell, phi)
        _, dlogits = LOSSES[config.loss](readout(params, states), targets, np.ones((len(xs), 1, 1)))
        own = all_steps(dlogits, params["W_hy"].mT)
        reach = log10_reach(params, cell.factors(pre, states, phi), own, cell)
        return np.moveaxis(reach - log10_norms(own), 0, -1)


def joined(maps: Sequence[RegimeMap]) -> RegimeMap:
    """Maps of equal settings and different seeds as one."""
    ratios = {name: np.concatenate([m.ratios[name] for m in maps]) for name in maps[0].ratios}
    rho, sigma = (np.concatenate([getattr(m, name) for m in maps]) for name in ("rho", "sigma_max"))
    return replace(maps[0], seeds=sum((m.seeds for m in maps), ()), ratios=ratios, rho=rho, sigma_max=sigma)


def exponents(trace: Trace, n: int) -> np.ndarray:
    """The n leading Lyapunov exponents of a run's first sequence as they converge, (T, n), decades per step."""
    rng = np.random.default_rng(streams(trace.config.seed)[3])
    return lyapunov(trace.cell.jacobian(trace.params, trace.slopes[:, 0]), n, rng)


def descent(config: Config, params: Params, learning_rate: float, updates: int) -> list[Trace]:
    """Plain gradient descent on one batch from the given weights: the Trace before, and after each update."""
    traces = [run(config, params)]
    for _ in range(updates):
        traces.append(run(config, sgd(traces[-1].params, traces[-1].used.grads, {}, learning_rate)[0]))
    return traces


def updates(config: Config, learning_rate: float) -> Iterator[Trace]:
    """Training: the Trace before each update, every one on a batch of its own (the data of seed, seed + 1, …).

    Updates are clipped as the Config says. Ends after the first gradient that is not finite.
    """
    params = None
    for n in count():
        trace = run(replace(config, seed=(config.seed + n) % 2**31), params)
        yield trace
        if trace.clipped is None:
            return
        params, _ = sgd(trace.params, trace.clipped.grads, {}, learning_rate)


def loss_of(config: Config, params: Params) -> np.ndarray:
    """L = Σ_t L_t as a function of the weights, forward pass only; for difference checks.

    Leading axes of the weights (biases (*lead, 1, H)) and complex weights go through: (*lead,).
    """
    data = sequences(config)
    T, lead = len(data.xs), params["W_hh"].shape[:-2]
    xs, targets = (u.reshape(T, *(1,) * len(lead), *u.shape[1:]) for u in (data.xs, data.targets))
    states, _ = forward(params, xs, CELLS[config.cell], ACTIVATIONS[config.activation])
    losses, _ = LOSSES[config.loss](readout(params, states), targets, np.ones((T, *(1,) * len(lead))))
    return losses.sum(axis=0) if config.loss_at == "every" else losses[-1]


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


def paths_of(trace: Trace, t: int | None = None) -> Paths:
    """The gradient of the loss at step t (the last) as the memory of a gated cell gets it, by the way it came."""
    end = len(trace.xs) if t is None else t + 1
    with np.errstate(all="ignore"):
        return paths(trace.params, trace.factors[:end], trace.dlogits[end - 1], trace.cell)


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


@dataclass(frozen=True, eq=False)
class Landscape:
    """The loss around a network's weights θ in two directions of unit length, taken over all parameters together.

    losses (n, n): entry [i, j] = L(θ + distances[j] · gradient direction + distances[i] · a random orthogonal one)
    distances (n,), 0 in the middle; directions, the two as {name: array}
    """

    distances: np.ndarray
    losses: np.ndarray
    directions: tuple[Params, Params]


def landscape(trace: Trace, reach: float, n: int = 41) -> Landscape:
    """The loss in a square of ±reach around the weights of a run; n odd. A row of networks is one batched call."""
    along = scaled(trace.full.grads, 1.0 / trace.full.norm)
    rng = np.random.default_rng(streams(trace.config.seed)[3])
    drawn = {name: rng.normal(size=g.shape) for name, g in along.items()}
    overlap = sum(float((drawn[name] * along[name]).sum()) for name in along)
    aside = {name: drawn[name] - overlap * along[name] for name in along}
    aside = scaled(aside, 1.0 / global_norm(aside))
    distances = np.linspace(-reach, reach, n)
    rows = [losses_at(trace, (along, aside), distances, np.full(n, y)) for y in distances]
    return Landscape(distances, np.array(rows), (along, aside))


def losses_at(trace: Trace, directions: tuple[Params, Params], xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """L(θ + x · first direction + y · second) for points xs, ys (S,) → (S,); NaN where the forward pass overflows."""

    def moved(name: str) -> np.ndarray:
        centre, first, second = (np.atleast_2d(p[name]) for p in (trace.params, *directions))
        return centre + xs[:, None, None] * first + ys[:, None, None] * second

    with np.errstate(all="ignore"):
        return loss_of(trace.config, {name: moved(name) for name in trace.params})


def scaled(grads: Params, factor: float) -> Params:
    """Every entry times one factor."""
    return {name: factor * g for name, g in grads.items()}
