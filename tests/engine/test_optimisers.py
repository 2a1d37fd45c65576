import numpy as np
import pytest

from explorer.engine.optimisers import OPTIMISERS, adam, momentum, sgd

RATE = 0.1


def descend(update, grads, rates=None):
    """Weights after each update, from W = [1, −2] with these gradients one after another."""
    params, memory, path = {"W": np.array([1.0, -2.0])}, {}, []
    for g, rate in zip(grads, rates or [RATE] * len(grads), strict=True):
        params, memory = update(params, {"W": np.array(g)}, memory, rate)
        path.append(params["W"])
    return path


GRADS = [(0.5, -1.0), (0.25, 2.0), (-3.0, 0.0), (1e-3, 7.0)]


def test_sgd():
    """W ← W − η g."""
    (first, second, *_) = descend(sgd, GRADS)
    np.testing.assert_allclose(first, [0.95, -1.9], rtol=1e-15)
    np.testing.assert_allclose(second, [0.925, -2.1], rtol=1e-15)


def test_momentum_is_the_sum_of_faded_gradients():
    """W_u = W_0 − η Σ_i Σ_{j ≤ i} 0.9^{i−j} g_j, written out."""
    for u, W in enumerate(descend(momentum, GRADS), 1):
        moved = sum(0.9 ** (i - j) * np.array(GRADS[j]) for i in range(u) for j in range(i + 1))
        np.testing.assert_allclose(W, np.array([1.0, -2.0]) - RATE * moved, rtol=1e-13)


def test_adam_is_its_algorithm():
    """Kingma & Ba (2015), algorithm 1, line by line, with their defaults."""
    theta, m, v = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    for t, (g, W) in enumerate(zip(GRADS, descend(adam, GRADS), strict=True), 1):
        g = np.array(g)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        theta = theta - RATE * m_hat / (np.sqrt(v_hat) + 1e-8)
        np.testing.assert_allclose(W, theta, rtol=1e-12)


def test_adams_first_step_has_the_length_of_the_learning_rate():
    """Whatever the size of the gradient (far above ε): ± η for every weight."""
    (first,) = descend(adam, [(1e-3, -1e6)])
    np.testing.assert_allclose(first, [1.0 - RATE, -2.0 + RATE], rtol=1e-4)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_weights_and_gradients_are_left_alone_and_float32_stays(name):
    """New weights every time, of the parameters' own precision; a gradient of 0 at the start moves nothing."""
    params = {"W": np.ones((2, 3), np.float32), "b": np.zeros(3, np.float32)}
    zero = {k: np.zeros_like(W) for k, W in params.items()}
    one = {k: W + 1 for k, W in zero.items()}
    after, memory = OPTIMISERS[name](params, zero, {}, RATE)
    np.testing.assert_array_equal(after["W"], params["W"])
    for _ in range(3):
        last, memory = OPTIMISERS[name](after, one, memory, RATE)
    assert {W.dtype for W in (*after.values(), *last.values())} == {np.dtype("float32")}
    assert all(W.dtype == np.float32 for part, arrays in memory.items() if part != "t" for W in arrays.values())
    np.testing.assert_array_equal(after["W"], 1.0)
    for k in one:
        np.testing.assert_array_equal(zero[k], 0.0)
        np.testing.assert_array_equal(one[k], 1.0)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_against_pytorch(name):
    """The same weights after fifty updates as torch.optim makes."""
    torch = pytest.importorskip("torch")
    makers = {
        "sgd": torch.optim.SGD,
        "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
        "adam": torch.optim.Adam,
    }
    rng = np.random.default_rng(0)
    W = torch.tensor(np.array([1.0, -2.0]), requires_grad=True)
    optimiser, grads = makers[name]([W], lr=RATE), rng.normal(size=(50, 2))
    for g in grads:
        W.grad = torch.tensor(g)
        optimiser.step()
    np.testing.assert_allclose(descend(OPTIMISERS[name], grads)[-1], W.detach().numpy(), rtol=1e-9)
