import warnings
from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.diagnostics import (
    FLOAT32_ZERO,
    FLOAT64_ZERO,
    bound,
    memory_horizon,
    observed_rate,
    saturated_share,
    sigma_max,
    spectral_radius,
)
from explorer.engine.norms import log10_norms
from explorer.engine.weights import INITS
from explorer.run import along, run

INF, NAN = np.inf, np.nan
DOGS = Config(task="dogs", sequence_length=100, truncation="full", clip="none")


@pytest.mark.parametrize(
    ("row", "rate"),
    [
        ([-6.0, -4.0, -2.0, 0.0], -2.0),
        ([3.0, 9.0, 9.0, -3.0], 2.0),  # only the ends count
        ([-INF, -INF, -2.0, 0.0], -INF),
        ([0.0], NAN),
        ([-1.0, -INF], NAN),
        ([NAN, 0.0], NAN),
        ([0.0, NAN], NAN),
    ],
)
def test_observed_rate(row, rate):
    """(first − last)/(T − 1), decades per step back; NaN where there is no last term or no step."""
    np.testing.assert_equal(observed_rate(np.array(row)), rate)


@pytest.mark.parametrize(
    ("row", "lag"),
    [
        ([-8.0, -6.0, -4.0, -2.0, 0.0], 2),
        ([-6.0, -3.0, 0.0], 2),  # −3 is not yet below 1/1000
        ([-3.1, 0.0], 1),
        ([-1.0, -5.0, -1.0, -1.0], 2),  # the first lag, though it comes back
        ([-INF, 0.0, 0.0], 2),
        ([1.0, 2.0, 3.0], None),
        ([0.0], None),
        ([-9.0, -INF], None),
        ([NAN, NAN], None),
    ],
)
def test_memory_horizon(row, lag):
    """First lag at which the term is below 1/1000 of the last; None beyond the sequence."""
    assert memory_horizon(np.array(row)) == lag


def test_bound_is_a_straight_line_from_the_last_term():
    """log10 of ‖∂L_T/∂h_T‖ (γ σ_max)^(T−k): here −1 decade per step back; −∞ for W = 0, without a warning."""
    np.testing.assert_allclose(bound(np.array([NAN, NAN, 2.0]), 0.25, 0.4), [0.0, 1.0, 2.0], atol=1e-15)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(bound(np.array([0.0, 0.0, 2.0]), 1.0, 0.0), [-INF, -INF, 2.0])


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_no_term_lies_above_its_bound(activation, init):
    """Row by row, for five scales and four seeds; 1e-9 decades for rounding."""
    config = replace(DOGS, activation=activation, init=init, hidden_size=8, sequence_length=60)
    for seed in range(4):
        for trace in along(replace(config, seed=seed), "weight_scale", [0.0, 0.1, 1.0, 4.0, 64.0]):
            if np.isfinite(trace.logits).all():
                assert (trace.last_row <= trace.bound + 1e-9).all()


@pytest.mark.parametrize("scale", [0.1, 0.5, 1.0, 1.1])
def test_orthogonal_weights_give_their_scale_exactly(scale):
    """Orthogonal × s with identity activation: every step back multiplies the norm by s, and touches the bound."""
    config = replace(DOGS, activation="identity", init="orthogonal", input_scale=0.1, sequence_length=30)
    for seed in range(4):
        trace = run(replace(config, weight_scale=scale, seed=seed))
        assert observed_rate(trace.last_row) == pytest.approx(np.log10(scale), abs=1e-12)
        np.testing.assert_allclose(trace.last_row, trace.bound, rtol=0, atol=1e-11)


@pytest.mark.parametrize("scale", [1e-320, 1e-200, 1.0, 1e200])
def test_log10_norms_at_any_size(scale):
    """Frobenius over the last two axes: √6 entries of one size, also where their squares are no floats."""
    u = np.full((4, 2, 3), scale)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(log10_norms(u), np.log10(scale) + 0.5 * np.log10(6.0), rtol=1e-14)


def test_log10_norms_of_nothing_and_of_what_overflowed():
    """Exact zeros are −∞, ∞ is ∞, NaN is NaN; each on its own."""
    u = np.stack([np.zeros((1, 2)), np.array([[np.inf, 1.0]]), np.array([[np.nan, 1.0]]), np.array([[0.0, 10.0]])])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(log10_norms(u), [-INF, INF, NAN, 1.0])


def test_spectral_radius_and_largest_singular_value():
    """[[½, 2], [0, −¾]] has ρ = ¾ and σ_max² the larger root of x² − Tr(WᵀW) x + det² = 0; stacks work."""
    W = np.array([[0.5, 2.0], [0.0, -0.75]])
    trace, det = 0.25 + 4.0 + 0.5625, 0.5 * 0.75
    sigma = np.sqrt(0.5 * (trace + np.sqrt(trace**2 - 4.0 * det**2)))
    stack = np.stack([W, -2.0 * W])
    np.testing.assert_allclose(spectral_radius(stack), [0.75, 1.5], rtol=1e-14)
    np.testing.assert_allclose(sigma_max(stack), [sigma, 2.0 * sigma], rtol=1e-14)


def test_spectral_radius_counts_complex_eigenvalues():
    """A rotation by 90° has eigenvalues ±i."""
    assert spectral_radius(np.array([[0.0, -3.0], [3.0, 0.0]])) == pytest.approx(3.0, rel=1e-14)


def test_underflow_lines():
    """Where float32 and float64 would read 0: half the smallest subnormal number."""
    float32_zero, float64_zero = FLOAT32_ZERO, FLOAT64_ZERO
    assert float32_zero == pytest.approx(-150 * np.log10(2.0), rel=1e-14)
    assert float64_zero == pytest.approx(-1075 * np.log10(2.0), rel=1e-14)
    assert np.float32(10.0 ** (float32_zero + 1e-6)) > 0.0
    assert np.float32(10.0 ** (float32_zero - 1e-6)) == 0.0


def test_saturated_share():
    """Two of five slopes are below a tenth of γ."""
    assert saturated_share(np.array([0.01, 0.024, 0.025, 0.1, 0.25]), 0.25) == 0.4


def median_rate(**settings):
    """Median over 16 seeds of the observed rate on "dogs", T = 100."""
    return np.median([observed_rate(run(replace(DOGS, seed=seed, **settings)).last_row) for seed in range(16)])


@pytest.mark.parametrize("hidden_size", [8, 16, 32, 64])
@pytest.mark.parametrize("weight_scale", [0.1, 0.5, 1.0])
def test_tanh_vanishes_at_small_scales(weight_scale, hidden_size):
    """Median over seeds, scale ≤ 1."""
    assert median_rate(weight_scale=weight_scale, hidden_size=hidden_size) < 0.0


@pytest.mark.parametrize("hidden_size", [32, 64])
@pytest.mark.parametrize("weight_scale", [5.0, 8.0])
def test_tanh_explodes_at_moderate_scales(weight_scale, hidden_size):
    """Median over seeds, scale 5 and 8, H ≥ 32; and there sigmoid still vanishes at 5."""
    assert median_rate(weight_scale=weight_scale, hidden_size=hidden_size) > 0.0


def test_tanh_vanishes_again_when_saturated():
    """Median over seeds, scale 64, H = 16: saturation brings vanishing back."""
    assert median_rate(weight_scale=64.0, hidden_size=16) < 0.0


@pytest.mark.parametrize("hidden_size", [16, 32, 64])
@pytest.mark.parametrize("weight_scale", [0.1, 1.0, 5.0])
def test_sigmoid_vanishes_up_to_scale_5(weight_scale, hidden_size):
    """Median over seeds."""
    assert median_rate(activation="sigmoid", weight_scale=weight_scale, hidden_size=hidden_size) < 0.0


def test_the_total_does_not_vanish_where_the_far_term_does():
    """With a loss at every step ∂L/∂h_1 is a sum whose near terms stay, while ∂L_T/∂h_1 is gone."""
    for seed in range(16):
        trace = run(replace(DOGS, activation="sigmoid", loss_at="every", seed=seed))
        assert trace.last_row[0] < trace.last_row[-1] - 40.0
        assert trace.full.log10_dh_norms[0] > trace.full.log10_dh_norms[-1] - 2.0
