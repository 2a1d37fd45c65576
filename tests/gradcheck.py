"""One gradient check for everything: what the engine computes backward against what differences measure forward.

`surrogate` is the loss whose ordinary gradient is the truncated one: same values, but every state that a truncation
cuts off enters as a constant, taken from a run made beforehand (frozen). It is written from the words that define each
truncation, uses nothing of the engine's backward pass, and is differentiated in two ways:

    complex step         ∂f/∂θ = Im f(θ + iε)/ε with ε = 1e−30: no cancellation, right to the last digits
    central difference   ∂f/∂θ ≈ (f(θ + ε) − f(θ − ε))/2ε with ε = 1e−6: some nine digits, real arithmetic only

The states are probed like parameters: `us` (T, N, S), zero, is added to them, so ∂f/∂us[t] is dss[t]. In the LSTM u_c
is added to c before h = o ∘ tanh(c) is made of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.bptt import bptt, forward, readout, weight_gradients
from explorer.engine.cells import CELLS
from explorer.engine.flow import gradient_flow
from explorer.engine.losses import LOSSES
from explorer.engine.tasks import one_hot
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import draw_params

COMPLEX_STEP, CENTRAL_STEP = 1e-30, 1e-6


@dataclass(frozen=True, eq=False)
class Network:
    """A small network with its data, and the run whose states are frozen."""

    cell: str
    activation: str
    loss: str
    params: dict
    xs: np.ndarray
    targets: np.ndarray
    loss_mask: np.ndarray

    def forward(self, params=None, xs=None, s0=None):
        """states, pre."""
        xs = self.xs if xs is None else xs
        return forward(params or self.params, xs, CELLS[self.cell], ACTIVATIONS[self.activation], s0)

    def ran(self):
        """states, factors, dys: all that the backward pass needs."""
        states, pre = self.forward()
        _, dys = LOSSES[self.loss](readout(self.params, states), self.targets, self.loss_mask)
        return states, CELLS[self.cell].factors(pre, states, ACTIVATIONS[self.activation]), dys

    def losses(self, params, states, steps):
        """L_t for the steps in the slice `steps`, given the states after them."""
        logits = states[..., : len(self.params["W_hh"])] @ params["W_hy"] + params["b_y"]
        lead = (1,) * (logits.ndim - 3)
        targets = self.targets[steps]
        targets = targets.reshape(len(targets), *lead, *targets.shape[1:])
        mask = self.loss_mask[steps].reshape(-1, *lead)
        return LOSSES[self.loss](logits, targets, mask)[0]


def network(
    cell="rnn",
    activation="tanh",
    loss="cross_entropy",
    init="gaussian",
    loss_at="every",
    T=6,
    N=2,
    H=4,
    weight_scale=1.0,
    seed=0,
):
    """A network with D = O = 3, random one-hot inputs, random targets and no parameter left at zero."""
    rng = np.random.default_rng(seed)
    params = draw_params(rng, CELLS[cell], init, (3, H, 3), 1.0, 0.1)
    params["W_hh"] = weight_scale * params["W_hh"]
    params |= {name: rng.normal(size=b.shape) for name, b in params.items() if not b.any()}  # b_y, and the GRU's b_hh
    xs = one_hot(rng.integers(3, size=(T, N)), 3)
    targets = rng.normal(size=(T, N, 3)) if loss == "squared_error" else rng.integers(3, size=(T, N))
    loss_mask = np.ones(T) if loss_at == "every" else np.eye(T)[-1]
    return Network(cell, activation, loss, params, xs, targets, loss_mask)


def backward(net, truncation, window=3, seed=0):
    """What the engine says: {way: (dss, grads)} by the recurrence (where there is one) and by the sweep."""
    (states, factors, dys), cell = net.ran(), CELLS[net.cell]
    T, how = len(net.xs), TRUNCATIONS[truncation]
    mask = how.mask(T, window, np.random.default_rng(seed))
    _, (dss,) = gradient_flow(net.params, factors, dys, cell, mask[None])
    answers = {"sweep": (dss, weight_gradients(net.xs, states, cell.to_pre(dss, factors), dys, cell))}
    if how.keep is not None:
        keep = how.keep(T, window, np.random.default_rng(seed))
        answers["recurrence"] = bptt(net.params, net.xs, states, factors, dys, cell, keep)
    return answers


def probed(net, s, pre, u):
    """The state with u added to each part: to c first, so that h feels it, then to h."""
    if net.cell != "lstm":
        return s + u
    H = s.shape[-1] // 2
    h, c, o = s[..., :H], s[..., H:], 1.0 / (1.0 + np.exp(-pre[..., 3 * H :]))
    return np.concatenate([h + o * (np.tanh(c + u[..., H:]) - np.tanh(c)) + u[..., :H], c + u[..., H:]], axis=-1)


def unroll(net, params, us, s, steps, frozen=None, keep=None):
    """States after each step of the slice `steps`, from s; with `keep`, what enters step t is
    frozen + keep[t]·(s − frozen): the same value, and keep[t] times its derivative."""
    states = []
    for t in range(steps.start, steps.stop):
        if keep is not None:
            s = frozen[t] + keep[t] * (s - frozen[t])
        x = net.xs[t : t + 1].astype(us.dtype)  # complex if the probe is
        (_, after), (pre,) = net.forward(params, x, s)
        s = probed(net, after, pre, us[t])
        states.append(s)
    return np.stack(states)


def full(net, params, us, frozen, window, seed):
    """Nothing is frozen but the initial state."""
    steps = slice(0, len(net.xs))
    return net.losses(params, unroll(net, params, us, frozen[0], steps), steps).sum(axis=0)


def block(net, params, us, frozen, window, seed):
    """Every block of `window` steps is a run of its own, from the state that was carried into it."""
    total = 0.0
    for start in range(0, len(net.xs), window):
        steps = slice(start, min(start + window, len(net.xs)))
        total = total + net.losses(params, unroll(net, params, us, frozen[start], steps), steps).sum(axis=0)
    return total


def sliding(net, params, us, frozen, window, seed):
    """Every loss unrolls its own window of states again, from the state that enters it."""
    total = 0.0
    for t in range(len(net.xs)):
        start = max(0, t + 1 - window)
        states = unroll(net, params, us, frozen[start], slice(start, t + 1))
        total = total + net.losses(params, states[-1:], slice(t, t + 1))[0]
    return total


def chains(net, params, us, frozen, mask):
    """Any other truncation: the loss at t runs through a chain of its own, with the weights of its mask's row."""
    total = 0.0
    for t in range(len(net.xs)):
        keep = np.zeros(t + 1)
        np.divide(mask[t, :t], mask[t, 1 : t + 1], out=keep[1:], where=mask[t, 1 : t + 1] != 0.0)
        states = unroll(net, params, us, frozen[0], slice(0, t + 1), frozen, keep)
        total = total + net.losses(params, states[-1:], slice(t, t + 1))[0]
    return total


def surrogate(net, truncation, window=3, seed=0):
    """f(params, us): the loss whose gradient is the truncated one."""
    frozen, _ = net.forward()
    direct = {"full": full, "block": block, "sliding": sliding}.get(truncation)
    if direct is not None:
        return lambda params, us: direct(net, params, us, frozen, window, seed)
    mask = TRUNCATIONS[truncation].mask(len(net.xs), window, np.random.default_rng(seed))
    return lambda params, us: chains(net, params, us, frozen, mask)


def differences(net, f, difference):
    """(∂f/∂us, {name: ∂f/∂parameter}); every entry of an array is probed in one batched call (a leading axis)."""
    us = np.zeros_like(net.forward()[0][1:])
    values = {**net.params, "us": us}
    slopes = {}
    for name, value in values.items():
        entries = np.eye(value.size).reshape(value.size, *value.shape)

        def probe(shift, name=name, entries=entries):
            return f(*lifted(values, name, values[name] + shift * entries))

        slopes[name] = difference(probe).reshape(value.shape)
    return slopes.pop("us"), slopes


def lifted(values, name, probes):
    """Parameters and us with one leading axis before N, of the same length in all."""
    arrays = {key: np.broadcast_to(value, (len(probes), *value.shape)) for key, value in values.items()}
    arrays[name] = probes
    us = np.moveaxis(arrays.pop("us"), 0, 1)
    return {key: v[:, None, :] if v.ndim == 2 else v for key, v in arrays.items()}, us


def complex_step(probe):
    """Im f(θ + iε)/ε."""
    return probe(1j * COMPLEX_STEP).imag / COMPLEX_STEP


def central(probe):
    """(f(θ + ε) − f(θ − ε))/2ε."""
    return (probe(CENTRAL_STEP) - probe(-CENTRAL_STEP)) / (2.0 * CENTRAL_STEP)


def relative_error(value, exact):
    """‖value − exact‖/‖exact‖, and 0 only where both agree that there is nothing."""
    error, scale = np.linalg.norm(value - exact), np.linalg.norm(exact)
    return error if scale == 0.0 else error / scale


def worst(answer, exact):
    """Largest relative error over parameters, and over steps one by one."""
    (dss, grads), (dss_exact, grads_exact) = answer, exact
    assert grads.keys() == grads_exact.keys()
    by_step = [relative_error(dh, e) for dh, e in zip(dss, dss_exact, strict=True)]
    return max(by_step + [relative_error(grads[name], grads_exact[name]) for name in grads])
