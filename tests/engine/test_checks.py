"""Difference quotients: they meet the gradient, and their errors behave as their docstring says."""

from functools import partial

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.checks import difference_quotients
from explorer.run import loss_of, run

EPS = 10.0 ** -np.arange(1, 16)


@pytest.mark.parametrize("loss_at", ["last", "every"])
@pytest.mark.parametrize(
    ("name", "index"), [("W_xh", (1, 2)), ("W_hh", (0, 1)), ("b_h", (2,)), ("W_hy", (2, 3)), ("b_y", (0,))]
)
def test_quotients_meet_the_gradient(name, index, loss_at):
    """Complex step to 1e-12, central difference to 1e-9 at its best ε, forward difference to 1e-7."""
    config = Config(sequence_length=3, hidden_size=3, loss_at=loss_at)
    trace = run(config)
    q = difference_quotients(partial(loss_of, config), trace.params, name, index, EPS)
    gradient = trace.full.grads[name][index]
    assert q.loss == pytest.approx(trace.loss, rel=1e-14)
    assert q.complex_step[-1] == pytest.approx(gradient, rel=1e-12)
    assert np.abs(q.central - gradient).min() < 1e-9
    assert np.abs(q.forward - gradient).min() < 1e-7


def test_the_v_and_the_plateau():
    """Truncation falls as ε (forward) and ε² (central), rounding rises as 1/ε; the complex step has no rising arm."""
    config = Config(sequence_length=3, hidden_size=3)
    trace = run(config)
    q = difference_quotients(partial(loss_of, config), trace.params, "W_hh", (0, 1), EPS)
    error = {
        n: np.abs(getattr(q, n) / trace.full.grads["W_hh"][0, 1] - 1) for n in ("forward", "central", "complex_step")
    }
    assert error["forward"][1] / error["forward"][2] == pytest.approx(10, rel=0.2)
    assert error["central"][0] / error["central"][1] == pytest.approx(100, rel=0.3)
    assert error["central"][-1] > 1e3 * error["central"].min()
    assert error["complex_step"][8:].max() < 1e-13
