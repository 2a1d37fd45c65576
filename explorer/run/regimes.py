"""What becomes of gradients over length and weight scale, and how nearby states part: for the page Regimes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explorer.config import Config, ConfigError
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import all_steps, forward, readout
from explorer.engine.cells import CELLS, Params
from explorer.engine.diagnostics import sigma_max, spectral_radius
from explorer.engine.jacobians import log10_reach, lyapunov
from explorer.engine.losses import LOSSES
from explorer.engine.norms import log10_norms
from explorer.engine.records import RegimeMap, Trace
from explorer.engine.tasks import TASKS
from explorer.run.drawing import drawn_params, sequences, streams

# What a map of regimes goes over where nothing else is said.
MAP_SCALES = tuple(float(f"{scale:.3g}") for scale in np.geomspace(0.1, 16, 40))
MAP_SEEDS = 8


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
