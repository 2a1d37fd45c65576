"""The map of regimes: every cell is a single run, and the facts that the pages tell are true of it."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.diagnostics import observed_rate, spread
from explorer.engine.tasks import TASKS
from explorer.lessons.presets import REGIME_PRESETS
from explorer.run import exponents, joined, regime_map, run

SCALES = (0.1, 1.0, 3.36, 16.0)
BASE = Config(hidden_size=8, sequence_length=40, input_scale=1.5, bias=0.2)


def single(config, activation, scale, seed, T):
    """log10 ‖∂L_T/∂h_1‖ / ‖∂L_T/∂h_T‖ of one run."""
    row = run(replace(config, activation=activation, weight_scale=scale, seed=seed, sequence_length=T)).last_row
    with np.errstate(invalid="ignore"):
        return row[0] - row[-1]


@pytest.mark.parametrize(
    "config",
    [*(replace(BASE, task=name) for name, task in TASKS.items() if task.extends), replace(BASE, batch_size=3)],
    ids=lambda config: f"{config.task} {config.batch_size}",
)
def test_cells_equal_single_runs(config):
    """Every activation, scale and seed at several lengths, though all are computed together; chaos included."""
    seeds = (4, 9)
    made = regime_map(config, tuple(ACTIVATIONS), SCALES, seeds)
    for name, ratios in made.ratios.items():
        assert ratios.shape == (2, 4, 40)
        for s, seed in enumerate(seeds):
            for w, scale in enumerate(SCALES):
                expected = [single(config, name, scale, seed, T) for T in (1, 2, 13, 40)]
                np.testing.assert_allclose(ratios[s, w, [0, 1, 12, 39]], expected, rtol=0, atol=1e-9)
                rate = observed_rate(run(replace(config, activation=name, weight_scale=scale, seed=seed)).last_row)
                np.testing.assert_allclose(made.rates(name, 40)[s, w], rate, rtol=0, atol=1e-9)


def test_what_stands_beside_the_ratios():
    """ρ and σ_max at scale 1 and the scale at which γ σ_max = 1, from the runs themselves."""
    made = regime_map(BASE, ("tanh", "sigmoid"), SCALES, (4, 9))
    for s, seed in enumerate((4, 9)):
        trace = run(replace(BASE, seed=seed, weight_scale=1))
        assert made.rho[s] == pytest.approx(trace.rho, rel=1e-12)
        assert made.sigma_max[s] == pytest.approx(trace.sigma_max, rel=1e-12)
        for name in ("tanh", "sigmoid"):
            at = run(replace(BASE, seed=seed, activation=name, weight_scale=made.critical(name)[s]))
            assert at.activation.gamma * at.sigma_max == pytest.approx(1.0, rel=1e-12)


def test_seeds_one_by_one_make_the_same_map():
    whole = regime_map(BASE, ("tanh",), SCALES, (4, 9, 1))
    parts = joined([regime_map(BASE, ("tanh",), SCALES, (seed,)) for seed in (4, 9, 1)])
    assert repr(parts) == repr(whole)
    np.testing.assert_array_equal(parts.ratios["tanh"], whole.ratios["tanh"])
    np.testing.assert_array_equal(parts.rho, whole.rho)
    np.testing.assert_array_equal(parts.sigma_max, whole.sigma_max)


def test_what_is_taken_where_nothing_is_said():
    """tanh and sigmoid, the slider's range of scales, this seed and the next seven."""
    made = regime_map(Config(hidden_size=2, sequence_length=3, seed=2**31 - 2))
    assert {name: ratios.shape for name, ratios in made.ratios.items()} == {"tanh": (8, 40, 3), "sigmoid": (8, 40, 3)}
    assert made.seeds == (2**31 - 2, 2**31 - 1, 0, 1, 2, 3, 4, 5)
    assert (made.scales[0], made.scales[-1]) == (0.1, 16.0)


def test_its_name_tells_maps_apart():
    """The repr is the cache key: other settings, scales or seeds are another name."""
    names = {
        repr(regime_map(config, ("tanh",), scales, seeds))
        for config in (BASE, replace(BASE, hidden_size=4))
        for scales in (SCALES, SCALES[:2])
        for seeds in ((4, 9), (4,))
    }
    assert len(names) == 8


@pytest.mark.parametrize("task", [name for name, task in TASKS.items() if not task.extends])
def test_a_task_that_does_not_extend_is_refused(task):
    with pytest.raises(ValueError, match="choose"):
        regime_map(replace(BASE, task=task), ("tanh",), SCALES, (0,))


@pytest.fixture(scope="module")
def medians():
    """medians(H, activation, T) → {scale: median rate over 16 seeds}, "dogs"."""
    scales, maps = (0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 16.0, 24.0, 32.0, 64.0), {}

    def of(H, activation, T=100):
        if H not in maps:
            config = Config(hidden_size=H, sequence_length=100)
            maps[H] = regime_map(config, ("tanh", "sigmoid"), scales, range(16))
        return dict(zip(scales, spread(maps[H].rates(activation, T))[1], strict=True))

    return of


@pytest.mark.parametrize("H", [16, 32])
def test_tanh_vanishes_grows_and_vanishes_again(medians, H):
    """At scale ≤ 1, at 3 (and, for H = 32, up to 24), and at 2·H again."""
    rates = medians(H, "tanh")
    assert max(rates[s] for s in (0.1, 0.5, 1.0)) < 0.0 < rates[3.0]
    assert H == 16 or min(rates[s] for s in (5.0, 8.0, 16.0, 24.0)) > 0.0
    assert rates[2.0 * H] < -0.5


def test_in_a_very_small_network_the_middle_is_missing(medians):
    assert max(medians(8, "tanh").values()) < 0.0


def test_how_much_weight_sigmoid_needs(medians):
    """H = 32: tanh grows from 3 on at the latest, sigmoid not at 8, but at 24; at H = 16 its median never grows."""
    rates = medians(32, "sigmoid")
    assert max(rates[s] for s in (0.1, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0)) < 0.0 < rates[24.0]
    assert max(medians(16, "sigmoid").values()) < 0.0


def test_sigmoid_needs_about_six_times_tanh_s_weights():
    """Where the medians of the page's own map turn positive, H = 32, T = 50."""
    made = regime_map(Config(hidden_size=32))
    first = {
        n: next(s for s, r in zip(made.scales, spread(made.rates(n, 50))[1], strict=True) if r > 0) for n in made.ratios
    }
    assert 5 < first["sigmoid"] / first["tanh"] < 7


def change(trace):
    return float(trace.last_row[0] - trace.last_row[-1])


def test_presets_do_what_they_say():
    def runs(name):
        preset = REGIME_PRESETS[name]
        return {phi: run(replace(preset.config, activation=phi)) for phi in preset.show}

    grows = runs("tanh grows, sigmoid does not yet")
    assert change(grows["tanh"]) > 3 > 0 > -3 > change(grows["sigmoid"])

    config = REGIME_PRESETS["vanish, grow, vanish"].config
    made = regime_map(config, ("tanh",), (1.0, 3.0, 5.0, config.weight_scale), range(8))
    small, *middle, large = spread(made.rates("tanh", config.sequence_length))[1]
    assert small < 0 < min(middle)
    assert large < 0
    assert run(config).rho > 10

    assert all(t.activation.gamma * t.sigma_max < 1 for t in runs("guaranteed to vanish").values())

    linear = runs("a linear network")["identity"]
    for rate in (linear.rho, linear.sigma_max, 10 ** observed_rate(linear.last_row)):
        assert rate == pytest.approx(1.1, rel=1e-12)

    transient = runs("ρ < 1 < σ_max")
    for trace in transient.values():
        assert trace.rho < 1 < trace.sigma_max
    assert change(transient["identity"]) > 1
    long = replace(transient["identity"].config, sequence_length=200)
    assert change(run(long)) < -1


def test_exponents_of_a_run_are_reproducible():
    trace = run(replace(BASE, weight_scale=3))
    found = exponents(trace, 4)
    assert found.shape == (40, 4)
    np.testing.assert_array_equal(found, exponents(trace, 4))
