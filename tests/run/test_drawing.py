"""What each setting moves: weights, data, randomness."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.engine.cells import CELLS
from explorer.engine.weights import INITS, draw_params
from explorer.run import run, sequences, streams
from tests.run.same import SMALL, assert_same

pytestmark = pytest.mark.filterwarnings("error")  # a run never warns; an overflow is an event of the run

GATED = [name for name, cell in CELLS.items() if cell.gated]


@pytest.mark.parametrize("cell", GATED)
def test_the_forget_bias_is_the_bias_of_the_keeping_gate(cell):
    """It moves that gate's bias and nothing else; 100 keeps everything, exactly."""
    one, hundred = (run(replace(SMALL, cell=cell, bias=0.5, forget_bias=b)) for b in (1.0, 100.0))
    assert (hundred.gates[hundred.cell.keeper] == 1.0).all()
    changed = {name: np.flatnonzero(one.params[name] != p) for name, p in hundred.params.items()}
    (name,) = (name for name, where in changed.items() if len(where))
    blocks = len(one.params[name]) // 4
    place = one.cell.blocks.index(one.cell.keeper)
    np.testing.assert_array_equal(changed[name], np.arange(4 * place, 4 * place + 4))
    assert blocks == len(one.cell.blocks)
    np.testing.assert_array_equal(run(replace(SMALL, forget_bias=5)).states, run(SMALL).states)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("init", INITS)
def test_the_weight_scale_multiplies_one_draw(init, cell):
    """W_hh, ρ and σ_max in proportion, everything else bit for bit."""
    one, three = (run(replace(SMALL, cell=cell, init=init, weight_scale=scale)) for scale in (1.0, 3.0))
    np.testing.assert_array_equal(three.params["W_hh"], 3.0 * one.params["W_hh"])
    if cell == "rnn":
        assert (three.rho, three.sigma_max) == (3.0 * one.rho, 3.0 * one.sigma_max)
    for name in one.params.keys() - {"W_hh"}:
        np.testing.assert_array_equal(three.params[name], one.params[name])


def test_rho_and_sigma_max_are_those_of_the_weights():
    """Of W_hh as it stands in params, scale included."""
    trace = run(replace(SMALL, weight_scale=2.5))
    assert trace.rho == pytest.approx(np.abs(np.linalg.eigvals(trace.params["W_hh"])).max(), rel=1e-13)
    assert trace.sigma_max == pytest.approx(np.linalg.norm(trace.params["W_hh"], 2), rel=1e-13)


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"sequence_length": 20}, False),
        ({"batch_size": 5}, False),
        ({"truncation": "randomised"}, False),
        ({"truncation": "block", "window": 2}, False),
        ({"clip": "value"}, False),
        ({"loss_at": "every"}, False),
        ({"activation": "relu"}, False),
        ({"seed": 1}, True),
        ({"init": "uniform"}, True),
    ],
)
def test_what_moves_the_parameters(change, moves):
    """Random streams are separate: neither length, batch nor truncation changes the network; the seed does."""
    a, b = run(replace(SMALL, task="noise")), run(replace(SMALL, task="noise", **change))
    assert (a.params["W_hh"] != b.params["W_hh"]).any() == moves
    if not moves:
        assert_same(a.params, b.params)


def test_four_streams_of_randomness():
    """Parameters, data (one per sequence), truncation and directions never draw the same numbers, nor do two seeds."""
    seeds = [*streams(0), *streams(1), *streams(0)[1].spawn(3)]
    assert len({np.random.default_rng(seed).random() for seed in seeds}) == 11
    drawn = draw_params(np.random.default_rng(streams(0)[0]), CELLS["rnn"], "gaussian", (4, 4, 4), 1.0, 0.0)
    assert_same(run(SMALL).params, drawn)


def test_what_moves_the_data():
    """The seed; neither the size nor the init of the network. A longer T extends the states that are there."""
    noise = replace(SMALL, task="noise")
    a = sequences(noise)
    for change in ({"hidden_size": 7}, {"init": "identity"}, {"weight_scale": 2.0}, {"truncation": "randomised"}):
        np.testing.assert_array_equal(sequences(replace(noise, **change)).xs, a.xs)
    assert (sequences(replace(noise, seed=1)).xs != a.xs).any()
    np.testing.assert_array_equal(run(replace(noise, sequence_length=30)).hs[:9], run(noise).hs)
