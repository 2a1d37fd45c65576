"""The factors of the chain, their product and their exponents, against definitions and closed forms."""

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import all_steps
from explorer.engine.cells import CELLS
from explorer.engine.diagnostics import sigma_max, spectral_radius, spread
from explorer.engine.flow import gradient_flow
from explorer.engine.jacobians import log10_reach, lyapunov
from explorer.engine.weights import INITS
from explorer.run import exponents, run
from tests.gradcheck import central, complex_step

RNG = np.random.default_rng


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_factor_is_the_derivative_of_one_step(name):
    """Complex step through cell.step, entry by entry; N = 2."""
    phi, rng, H = ACTIVATIONS[name], RNG(0), 4
    params = {"W_xh": rng.normal(size=(3, H)), "W_hh": rng.normal(size=(H, H)), "b_h": rng.normal(size=H)}
    x, h = rng.normal(size=(2, 3)), rng.normal(size=(2, H))
    _, a = CELLS["rnn"].step(params, x, h, phi)
    J = CELLS["rnn"].jacobian(params, phi.dphi(a))
    difference = central if name == "relu" else complex_step  # max is not analytic
    assert (np.abs(a) > 1e-3).all()  # away from its kink
    for j in range(H):
        column = difference(lambda d, j=j: CELLS["rnn"].step(params, x, h + d * np.eye(H)[j], phi)[0])
        np.testing.assert_allclose(J[:, :, j], column, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_factor_exceeds_its_bound(name, init):
    """σ_max(J_t) ≤ γ σ_max(W_hh), with equality for the identity."""
    trace = run(Config(activation=name, init=init, hidden_size=8, weight_scale=2))
    values = np.linalg.svd(CELLS["rnn"].jacobian(trace.params, trace.slopes[:, 0]), compute_uv=False)
    assert values.shape == (50, 8)
    bound = trace.activation.gamma * trace.sigma_max
    assert (values[..., 0] <= bound * (1 + 1e-12)).all()
    if name == "identity":
        np.testing.assert_allclose(values[..., 0], bound, rtol=1e-12)


@pytest.mark.parametrize("N", [1, 3])
@pytest.mark.parametrize("scale", [0.0, 1e-5, 1.0, 5.0, 1e4])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_reach_is_the_first_column_of_the_flow(name, scale, N):
    """All lengths at once, for two networks side by side, also where float64 ends."""
    T, H, rng, phi = 90, 5, RNG(1), ACTIVATIONS[name]
    params = {"W_hh": scale * rng.normal(size=(2, H, H)), "W_hy": rng.normal(size=(2, H, 3))}
    slopes, dys = phi.dphi(rng.normal(size=(T, 2, N, H))), rng.normal(size=(T, 2, N, 3))
    expected, _ = gradient_flow(params, slopes, dys, CELLS["rnn"])
    got = log10_reach(params, slopes, all_steps(dys, params["W_hy"].mT), CELLS["rnn"])
    np.testing.assert_allclose(np.moveaxis(got, 0, -1), expected.log10_norms[..., 0], rtol=0, atol=1e-9)


def test_reach_of_a_silent_loss_is_nothing():
    """A loss that sends nothing reaches nothing, and leaves the others alone."""
    own = np.ones((4, 1, 3))
    own[2] = 0.0
    reach = log10_reach({"W_hh": np.eye(3)}, np.ones((4, 1, 3)), own, CELLS["rnn"])
    np.testing.assert_allclose(reach, np.where(np.arange(4) == 2, -np.inf, 0.5 * np.log10(3.0)))


@pytest.mark.parametrize("n", [1, 3])
def test_exponents_of_a_diagonal_map(n):
    """diag(2, ½, ⅒): log10 of the entries, up to the 1/t in which the directions turn."""
    T = 4000
    found = lyapunov(np.array([np.diag([0.5, 2.0, 0.1])] * T), n, RNG(0))
    assert found.shape == (T, n)
    np.testing.assert_allclose(found[-1], np.log10([2.0, 0.5, 0.1])[:n], rtol=0, atol=1e-3)
    assert np.abs(found[-1, 0] - np.log10(2.0)) < np.abs(found[39, 0] - np.log10(2.0)) / 50


@pytest.mark.parametrize("scale", [0.25, 1.0, 3.0])
def test_exponents_of_a_scaled_rotation_are_exact_from_the_first_step(scale):
    W = scale * INITS["orthogonal"](RNG(2), 6)
    np.testing.assert_allclose(lyapunov(np.array([W] * 30), 4, RNG(3)), np.log10(scale), rtol=0, atol=1e-13)


def test_all_exponents_together_are_the_volume():
    """Σ λ_i = mean of log10 |det J_t|, at every step, for factors that differ."""
    rng = RNG(4)
    Js = rng.normal(size=(40, 5, 5))
    found = lyapunov(Js, 5, rng)
    volume = np.log10(np.abs(np.linalg.det(Js)))
    np.testing.assert_allclose(found.sum(axis=1), np.cumsum(volume) / np.arange(1, 41), rtol=0, atol=1e-12)


def test_the_leading_exponent_is_bounded_and_close_to_the_observed_rate():
    """λ_1 ≤ log10 γσ_max at every step; over 1000 steps it differs from the observed rate by an end effect only."""
    for name in ("tanh", "sigmoid"):
        for seed in range(4):
            trace = run(Config(activation=name, hidden_size=16, weight_scale=2, sequence_length=1000, seed=seed))
            found = exponents(trace, 2)
            assert (found[:, 0] <= np.log10(trace.activation.gamma * trace.sigma_max) + 1e-12).all()
            assert found[-1, 0] == pytest.approx((trace.last_row[0] - trace.last_row[-1]) / 999, abs=0.01)


def test_exponents_of_no_weights():
    """Everything is mapped to exactly 0."""
    assert (lyapunov(np.zeros((5, 3, 3)), 2, RNG(0))[-1] == -np.inf).all()


@pytest.mark.parametrize("seed", range(4))
def test_a_linear_net_follows_its_spectral_radius_in_the_long_run(seed):
    """φ = identity: the observed rate tends to log10 ρ, not to log10 σ_max; the difference is O(1/T)."""
    W = INITS["gaussian"](RNG(seed), 16)
    rho, sigma = float(np.log10(spectral_radius(W))), float(np.log10(sigma_max(W)))
    own = np.ones((4001, 1, 16))
    reach = log10_reach({"W_hh": W}, np.ones_like(own), own, CELLS["rnn"]) - np.log10(4.0)
    rates = reach[1:] / np.arange(1, 4001)
    assert rates[-1] == pytest.approx(rho, abs=1e-3)
    assert abs(rates[-1] - rho) < 0.1 * (sigma - rho)
    assert rates[9] != pytest.approx(rho, abs=1e-3)


def test_spread():
    """Least, median, largest of what is a number; an even number of seeds takes the middle of two."""
    nan, inf = np.nan, np.inf
    values = np.array([[1.0, nan, nan, -inf], [4.0, 2.0, nan, 1.0], [2.0, nan, nan, -inf], [9.0, 3.0, nan, 0.0]])
    np.testing.assert_array_equal(spread(values), [[1.0, 2.0, nan, -inf], [3.0, 2.5, nan, -inf], [9.0, 3.0, nan, 1.0]])
