"""Chains of one engine, connected: what an encoder hands to a decoder, what two directions of reading say together.

A network of any shape is a tuple of chains, each with weights of its own, and each an ordinary run of `bptt.py`:

    one chain              every shape that has a single direction and no hand-over
    encoder, decoder       the decoder starts from the encoder's last state:  s_0 of one is s_T of the other
    forward, backward      the same symbols read in both directions, both heard at every step:
                           y_t = h→_t W→_hy + h←_t W←_hy + biases, that is [h→_t | h←_t] times one taller W_hy

A chain that is not read out has O = 0 outputs. Schuster & Paliwal (1997), Bidirectional recurrent neural networks;
Sutskever, Vinyals & Le (2014), Sequence to sequence learning with neural networks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.engine.activations import Activation
from explorer.engine.bptt import all_steps, bptt, forward, readout
from explorer.engine.cells import Cell, Params

Weights = Mapping[str, Params]  # one set of parameters per chain


@dataclass(frozen=True)
class Chain:
    """One recurrent chain.

    after        the chain whose last state it starts from, else it starts from zeros
    backward     it reads from the last symbol to the first
    speaks       it is read out
    hears_itself when asked, it reads its own answer of the step before; while it learns, the right one
    """

    name: str
    after: str | None = None
    backward: bool = False
    speaks: bool = True
    hears_itself: bool = False

    def turned(self, u: np.ndarray) -> np.ndarray:
        """From the order of time to the order in which this chain reads, or back again: a view."""
        return u[::-1] if self.backward else u


@dataclass(frozen=True, eq=False)
class Pass:
    """What the forward pass leaves behind, per chain and in the order in which it reads.

    xs {chain: (T, ..., N, D)}    states {chain: (T+1, ..., N, S)}    factors {chain: (T, ..., N, F)}
    logits (T, ..., N, O), in the order of time
    """

    xs: dict[str, np.ndarray]
    states: dict[str, np.ndarray]
    factors: dict[str, np.ndarray]
    logits: np.ndarray


@dataclass(frozen=True, eq=False)
class Sent:
    """What comes back to one chain, in the order in which it reads.

    dss (T, ..., N, S)     ∂L/∂s_t in total
    back (T, ..., N, S)    what step t sends to the state before it, cuts applied; back[0] goes to its initial state
    das (T, ..., N, P)     ∂L/∂a_t, which is what the weights and the input of step t receive
    own (T, ..., N, H)     ∂L_t/∂h_t, what the loss of step t itself says
    grads                  {name: like the parameter}
    """

    dss: np.ndarray
    back: np.ndarray
    das: np.ndarray
    own: np.ndarray
    grads: Params


def run_chains(
    chains: tuple[Chain, ...],
    weights: Weights,
    inputs: Mapping[str, np.ndarray],
    cell: Cell,
    activation: Activation,
) -> Pass:
    """Run the chains in their order; inputs {chain: (T, ..., N, D)} in the order of time."""
    xs, states, factors, logits = {}, {}, {}, 0.0
    for chain in chains:
        params, x = weights[chain.name], chain.turned(inputs[chain.name])
        s0 = None if chain.after is None else states[chain.after][-1]
        s, pre = forward(params, x, cell, activation, s0)
        xs[chain.name], states[chain.name], factors[chain.name] = x, s, cell.factors(pre, s, activation)
        if chain.speaks:
            logits = logits + chain.turned(readout(params, s))
    return Pass(xs, states, factors, logits)


def send_back(
    chains: tuple[Chain, ...],
    weights: Weights,
    done: Pass,
    dys: np.ndarray,
    cell: Cell,
    keeps: Mapping[str, np.ndarray],
) -> dict[str, Sent]:
    """Back through the chains, the last one first: what it sends to its initial state arrives at the one before.

    dys (T, ..., N, O) = ∂L_t/∂y_t in the order of time; keeps {chain: (T,)} as in `bptt`.
    """
    arriving: dict[str, np.ndarray] = {}
    sent = {}
    for chain in reversed(chains):
        name, params = chain.name, weights[chain.name]
        xs, states, factors, keep = done.xs[name], done.states[name], done.factors[name], keeps[name]
        dy = chain.turned(dys) if chain.speaks else np.zeros((len(xs), *dys.shape[1:-1], 0))
        dss, grads = bptt(params, xs, states, factors, dy, cell, keep, arriving=arriving.get(name))
        back, das = cell.step_backward(params, dss, factors)  # once more, all steps side by side
        back *= keep.reshape(-1, *(1,) * (back.ndim - 1))
        if chain.after is not None:
            arriving[chain.after] = back[0]
        sent[name] = Sent(dss, back, das, all_steps(dy, params["W_hy"].mT), grads)
    return {chain.name: sent[chain.name] for chain in chains}
