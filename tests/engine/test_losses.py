import warnings

import numpy as np
import pytest

from explorer.engine.losses import LOSSES, cross_entropy, perplexity, softmax, squared_error


def logits_of(p):
    """Two logits whose softmax is (p, 1 − p), as (T, N, O) = (1, 1, 2)."""
    return np.log([[[p, 1.0 - p]]])


@pytest.mark.parametrize(
    ("p", "nll", "choices"), [(0.8, 0.22314, 1.25), (0.2, 1.60944, 5.0), (0.95, 0.05129, 1 / 0.95)]
)
def test_worked_examples(p, nll, choices):
    """−ln 0.8 is a perplexity of 1.25, −ln 0.2 one of 5; −ln 0.95 = 0.051."""
    losses, _ = cross_entropy(logits_of(p), np.array([[0]]), np.ones(1))
    assert losses[0] == pytest.approx(nll, abs=5e-6)
    assert perplexity(losses[0]) == pytest.approx(choices, rel=1e-12)


def test_softmax_is_its_definition():
    """e^{y_i}/Σ e^{y_j}; rows sum to 1; a constant added to all logits changes nothing."""
    y = np.random.default_rng(0).normal(size=(3, 4, 5))
    np.testing.assert_allclose(softmax(y), np.exp(y) / np.exp(y).sum(axis=-1, keepdims=True), rtol=1e-14)
    np.testing.assert_allclose(softmax(y).sum(axis=-1), 1.0, rtol=1e-15)
    np.testing.assert_allclose(softmax(y + 500.0), softmax(y), rtol=1e-12)


@pytest.mark.parametrize(("target", "nll"), [(0, 0.0), (1, 2000.0), (2, 1000.0)])
def test_cross_entropy_far_out(target, nll):
    """At logits ±1000 the loss is the difference of logits, finite and without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        losses, dlogits = cross_entropy(np.array([[[1000.0, -1000.0, 0.0]]]), np.array([[target]]), np.ones(1))
    assert losses[0] == nll
    np.testing.assert_array_equal(dlogits[0, 0], np.eye(3)[0] - np.eye(3)[target])


def test_cross_entropy_is_a_mean_over_the_batch():
    """L_t = mean_n −ln p_n[target_n] and ∂L_t/∂y = (p − one-hot)/N."""
    y, targets = np.random.default_rng(0).normal(size=(2, 3, 4)), np.array([[0, 1, 2], [3, 3, 0]])
    losses, dlogits = cross_entropy(y, targets, np.ones(2))
    np.testing.assert_allclose(losses, -np.log(softmax(y)[[[0], [1]], [[0, 1, 2]], targets]).mean(axis=1), rtol=1e-14)
    np.testing.assert_allclose(dlogits, (softmax(y) - np.eye(4)[targets]) / 3.0, rtol=1e-14)


def test_squared_error_is_half_the_sum_and_a_mean_over_the_batch():
    """½ Σ over outputs, mean over the batch: (½(1 + 4) + 0)/2."""
    y, targets = np.array([[[1.0, 2.0], [5.0, 5.0]]]), np.array([[[0.0, 0.0], [5.0, 5.0]]])
    losses, dy = squared_error(y, targets, np.ones(1))
    assert losses[0] == 1.25
    np.testing.assert_array_equal(dy, [[[0.5, 1.0], [0.0, 0.0]]])


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_against_complex_steps(name):
    """∂(Σ L_t)/∂y entry by entry, complex step: relative error < 1e-12."""
    rng = np.random.default_rng(0)
    y, mask = rng.normal(size=(3, 2, 4)), np.array([1.0, 0.0, 1.0])
    targets = rng.normal(size=y.shape) if name == "squared_error" else rng.integers(4, size=(3, 2))
    _, dy = LOSSES[name](y, targets, mask)
    for i in np.ndindex(y.shape):
        probe = y.astype(complex)
        probe[i] += 1e-30j
        slope = LOSSES[name](probe, targets, mask)[0].sum().imag / 1e-30
        assert dy[i] == pytest.approx(slope, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", LOSSES)
def test_masked_steps_count_for_nothing(name):
    """Where the mask is 0, loss and gradient are exactly 0; elsewhere they are unchanged."""
    rng = np.random.default_rng(0)
    y, mask = rng.normal(size=(4, 2, 3)), np.array([0.0, 1.0, 0.0, 1.0])
    targets = rng.normal(size=y.shape) if name == "squared_error" else rng.integers(3, size=(4, 2))
    losses, dy = LOSSES[name](y, targets, mask)
    every, every_dy = LOSSES[name](y, targets, np.ones(4))
    np.testing.assert_array_equal(losses, every * mask)
    np.testing.assert_array_equal(dy, every_dy * mask[:, None, None])


@pytest.mark.parametrize("name", LOSSES)
def test_leading_axes_equal_single_calls(name):
    """Several settings at once share their targets and give what single calls give, bit for bit."""
    rng = np.random.default_rng(0)
    y, mask = rng.normal(size=(4, 5, 2, 3)), np.array([0.0, 1.0, 1.0, 1.0])
    targets = rng.normal(size=(4, 2, 3)) if name == "squared_error" else rng.integers(3, size=(4, 2))
    losses, dy = LOSSES[name](y, targets[:, None], mask[:, None])
    for s in range(5):
        one, one_dy = LOSSES[name](y[:, s], targets, mask)
        np.testing.assert_array_equal(losses[:, s], one)
        np.testing.assert_array_equal(dy[:, s], one_dy)


@pytest.mark.parametrize("name", LOSSES)
def test_neither_memory_order_nor_broadcast_targets_matter(name):
    """Logits as `all_steps` leaves them where there are leading axes, targets with axes of length 1."""
    rng = np.random.default_rng(0)
    y = np.moveaxis(rng.normal(size=(5, 6, 2, 3)), 0, 1)[:, :, :, ::-1]
    targets = rng.normal(size=(6, 1, 2, 3)) if name == "squared_error" else rng.integers(3, size=(6, 1, 2))
    everywhere = np.broadcast_to(targets, (*y.shape[:2], *targets.shape[2:])).copy()
    plain = LOSSES[name](y.copy(), everywhere, np.ones((6, 1)))
    for one, other in zip(LOSSES[name](y, targets, np.ones((6, 1))), plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14, atol=1e-16)
