import warnings

import numpy as np
import pytest

from explorer.engine.activations import ACTIVATIONS, small_sigmoid

DEFINITIONS = {
    "tanh": lambda a: (np.exp(a) - np.exp(-a)) / (np.exp(a) + np.exp(-a)),
    "sigmoid": lambda a: 1.0 / (1.0 + np.exp(-a)),
    "relu": lambda a: np.where(a > 0.0, a, 0.0),
    "identity": lambda a: a,
}
FAR = np.array([-1000.0, -745.0, -40.0, 40.0, 745.0, 1000.0])
GRID = np.linspace(-30.0, 30.0, 60_002)  # without 0, where relu has its kink


@pytest.mark.parametrize("name", DEFINITIONS)
def test_phi_is_its_definition(name):
    """φ(a) against the formula of the textbook, for |a| ≤ 30: to 1e-14 absolutely."""
    np.testing.assert_allclose(ACTIVATIONS[name].phi(GRID), DEFINITIONS[name](GRID), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    ("name", "limits"),
    [("tanh", (-1, 1)), ("sigmoid", (0, 1)), ("relu", (0, 1000)), ("identity", (-1000, 1000))],
)
def test_phi_far_out(name, limits):
    """φ(±1000) is the limit of its definition."""
    np.testing.assert_array_equal(ACTIVATIONS[name].phi(FAR)[[0, -1]], limits)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_far_out_without_a_warning(name):
    """Neither φ nor φ′ overflows at ±1000; both stay finite."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(ACTIVATIONS[name].phi(FAR)).all()
        assert np.isfinite(ACTIVATIONS[name].dphi(FAR)).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_dphi_against_complex_steps(name):
    """φ′ on a grid, complex step: relative error < 1e-12."""
    phi, dphi = ACTIVATIONS[name].phi, ACTIVATIONS[name].dphi
    np.testing.assert_allclose(dphi(GRID), phi(GRID + 1e-30j).imag / 1e-30, rtol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_dphi_against_central_differences(name):
    """φ′ on a grid, central difference: error < 1e-8 of γ."""
    phi, dphi = ACTIVATIONS[name].phi, ACTIVATIONS[name].dphi
    grid = GRID[np.abs(GRID) > 1e-3]
    np.testing.assert_allclose(dphi(grid), (phi(grid + 1e-5) - phi(grid - 1e-5)) / 2e-5, atol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_gamma_is_the_largest_slope(name):
    """γ = sup φ′: reached on a fine grid around 0, and never exceeded."""
    slopes = ACTIVATIONS[name].dphi(np.linspace(-5.0, 5.0, 100_001))
    assert slopes.max() == pytest.approx(ACTIVATIONS[name].gamma, rel=1e-12)
    assert slopes.max() <= ACTIVATIONS[name].gamma
    assert ACTIVATIONS[name].dphi(GRID).max() <= ACTIVATIONS[name].gamma


def test_sigmoid_is_a_scaled_tanh():
    """σ(a) = (1 + tanh(a/2))/2 and σ′(a) = tanh′(a/2)/4."""
    tanh, sigmoid = ACTIVATIONS["tanh"], ACTIVATIONS["sigmoid"]
    np.testing.assert_allclose(sigmoid.phi(GRID), (1.0 + tanh.phi(GRID / 2.0)) / 2.0, rtol=1e-15, atol=0)
    np.testing.assert_allclose(sigmoid.dphi(GRID), tanh.dphi(GRID / 2.0) / 4.0, rtol=1e-15)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_saturated_slopes_are_positive_and_right(sign):
    """At ±30 and ±300 against the exact asymptotics 4e⁻²ᵃ and e⁻ᵃ, where 1 − h² has long rounded to 0."""
    a = np.array([30.0, 300.0])
    np.testing.assert_allclose(ACTIVATIONS["tanh"].dphi(sign * a), 4.0 * np.exp(-2.0 * a), rtol=1e-14)
    np.testing.assert_allclose(ACTIVATIONS["sigmoid"].dphi(sign * a), np.exp(-a), rtol=1e-12)
    assert ACTIVATIONS["tanh"].phi(30.0) == 1.0


def test_relu_sends_nothing_through_its_kink():
    """φ′(0) = 0, as in every framework, for both zeros."""
    np.testing.assert_array_equal(ACTIVATIONS["relu"].dphi(np.array([0.0, -0.0])), 0.0)


def test_small_sigmoid_is_right_however_small():
    """e^a for a ≪ 0, where (1 + tanh(a/2))/2 has long rounded to 0; 1 and 0 exactly for a gate forced open or shut."""
    a = np.array([-20.0, -40.0, -300.0, -700.0])
    np.testing.assert_allclose(small_sigmoid(a), np.exp(a) / (1.0 + np.exp(a)), rtol=1e-14)
    np.testing.assert_allclose(small_sigmoid(GRID), ACTIVATIONS["sigmoid"].phi(GRID), rtol=0, atol=3e-16)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(small_sigmoid(np.array([-800.0, 40.0, 1e300])), [0.0, 1.0, 1.0])
