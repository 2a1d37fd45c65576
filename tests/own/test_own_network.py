"""A network and a sequence of one's own: what a Config with them runs, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.config import SPECS, Config, ConfigError, to_query
from explorer.engine.own import Network, Reading
from explorer.engine.tasks import TASKS
from explorer.run import along, loss_of, run

T = 9


def network(D=4, H=5, O=4, name="mine", seed=0):
    rng = np.random.default_rng(seed)
    params = {"W_xh": rng.normal(size=(D, H)), "W_hh": rng.normal(size=(H, H)) / 2, "b_h": rng.normal(size=H)}
    if O:
        params |= {"W_hy": rng.normal(size=(H, O)), "b_y": rng.normal(size=O)}
    return Network(name, "rnn", params)


def reading(D=4, length=6, O=3):
    rng = np.random.default_rng(1)
    return Reading("x.csv", rng.normal(size=(length, D)), rng.integers(O, size=length))


def test_the_run_is_that_network_under_both_scales():
    """W_hh and W_xh times their scales, everything else bit for bit; H and cell are the network's."""
    own = network()
    config = Config(network=own, sequence_length=T, hidden_size=30, weight_scale=3, input_scale=2)
    trace = run(config)
    assert (config.hidden_size, trace.hs.shape[-1]) == (5, 5)
    for name, factor in (("W_xh", 2), ("W_hh", 3), ("b_h", 1), ("W_hy", 1), ("b_y", 1)):
        np.testing.assert_array_equal(trace.params[name], factor * own.params[name])
    again = run(config, trace.params)
    np.testing.assert_array_equal(trace.full.dhs, again.full.dhs)
    assert loss_of(config, trace.params) == pytest.approx(trace.loss, rel=1e-14)
    np.testing.assert_array_equal(along(config, "weight_scale", [1, 3])[1].hs, trace.hs)


@pytest.mark.parametrize("task", TASKS)
def test_a_network_reads_a_task_that_fits_and_noise_of_its_size_otherwise(task):
    for own in (network(), network(D=7, O=3), network(D=7, O=None)):
        config = Config(task=task, network=own, sequence_length=T, batch_size=2)
        trace = run(config)
        assert trace.xs.shape == (T, 2, own.inputs)
        assert len(trace.classes) == trace.logits.shape[-1] == (own.outputs or len(trace.classes))
        data = TASKS[task].make(T, 1, config.text, [np.random.default_rng(0)])
        assert config.task == (task if own.fits(data) else "noise")


def test_without_a_readout_one_is_drawn():
    trace = run(Config(network=network(O=None), sequence_length=T))
    np.testing.assert_array_equal(trace.params["W_hy"], run(Config(hidden_size=5)).params["W_hy"])


@pytest.mark.parametrize("own", [None, network(), network(O=None)])
def test_a_sequence_is_read_again_and_again(own):
    """Sequence n starts n steps in; the targets go along."""
    own_reading = reading()
    trace = run(Config(network=own, reading=own_reading, task="order", sequence_length=20, batch_size=3))
    for n in range(3):
        order = np.arange(n, n + 20) % 6
        np.testing.assert_array_equal(trace.xs[:, n], own_reading.xs[order])
        np.testing.assert_array_equal(trace.targets[:, n], own_reading.targets[order])


def test_a_sequence_without_targets_gets_random_classes_and_a_longer_one_extends_it():
    own = Reading("x", np.ones((3, 2)), None, "abc")
    short, long = (run(Config(reading=own, sequence_length=n)) for n in (5, 12))
    np.testing.assert_array_equal(short.targets, long.targets[:5])
    assert short.inputs == tuple("abcab")
    assert set(long.targets.ravel()) <= set(range(len(long.classes)))


def test_one_is_the_other_where_their_numbers_are():
    """A cache keyed by repr or hash sees the content and not the name; no array can be changed behind its back."""
    a, b, c = network(name="a"), network(name="b"), network(seed=1)
    assert (a == b, a == c, hash(a) == hash(b), repr(a) == repr(b)) == (True, False, True, True)
    assert Config(network=a) == Config(network=b) != Config(network=c)
    assert repr(Config(network=a)) != repr(Config(network=c))
    assert reading() == reading() != reading(O=2)
    with pytest.raises(ValueError, match="read-only"):
        a.params["W_hh"][0, 0] = 1.0
    moved = dict(a.params, b_h=a.params["b_h"] + 1e-15)
    assert Network("a", "rnn", moved) != a


def test_no_url_holds_them():
    assert "network" not in SPECS
    assert to_query(Config(network=network()), Config(hidden_size=5)) == {}


def test_what_does_not_fit_together_gets_a_sentence():
    with pytest.raises(ConfigError, match="has 3 inputs a step, the network 'mine' reads 4"):
        Config(network=network(), reading=reading(D=3))
    with pytest.raises(ConfigError, match="has 2 outputs: number the classes from 0 to 1"):
        Config(network=network(O=2), reading=reading())
    with pytest.raises(ConfigError, match="hidden_size = 300 is out of range"):
        Config(network=network(H=300))


def test_replace_keeps_them():
    """So that a sweep, a comparison and a preset on top of a Config stay with the network."""
    config = replace(Config(network=network(D=7)), task="dogs", hidden_size=9)
    assert (config.network, config.task, config.hidden_size) == (network(D=7), "noise", 5)


def test_a_single_output_is_asked_for_numbers():
    """As of a network that learnt to add: one class alone would have probability 1, no loss and no gradient."""
    config = Config(network=network(D=2, O=1))
    trace = run(config)
    assert (config.task, config.loss, trace.targets.shape) == ("noise", "squared_error", (50, 1, 1))
    assert trace.full.norm > 0
    longer = run(replace(config, sequence_length=60))
    np.testing.assert_array_equal(longer.targets[:50], trace.targets)
