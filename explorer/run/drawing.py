"""What a Config stands for before anything runs: its streams of randomness, inputs and targets, weights and rates."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from explorer.config import Config
from explorer.engine.cells import CELLS, Cell, Params
from explorer.engine.diagnostics import sigma_max, spectral_radius
from explorer.engine.own import OUTPUTS
from explorer.engine.tasks import TASKS, Sequences, gaussian_noise
from explorer.engine.weights import draw_params


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


def rates_of(cell: Cell, W_hh: np.ndarray, scales: Iterable[float]) -> list[tuple[float | None, float | None]]:
    """(ρ, σ_max) of scale · W_hh for each scale; None for gated cells, which have no such rates."""
    if cell.gated:
        return [(None, None) for _ in scales]
    rho, sigma = spectral_radius(W_hh), sigma_max(W_hh)
    return [(float(scale * rho), float(scale * sigma)) for scale in scales]
