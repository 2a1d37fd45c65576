"""Verdicts in plain words: what is guaranteed, what is only possible, what is observed; and the events of a run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.engine.diagnostics import FLOAT32_ZERO, HORIZON, SATURATED, memory_horizon, observed_rate, saturated_share
from explorer.engine.records import Trace
from explorer.figures.theme import number, power, steps

STEADY = 0.3  # decades over the whole sequence: less than a factor of two either way counts as "keeps its size",
STEADY_STEP = 0.05  # and on average less than 12% per step, of which a short sequence has few
FAR = 1.0  # decades: an excursion on the way that is worth a word
ROUNDING = 1e-9  # γ σ_max of an orthogonal W is 1 up to rounding
MANY = 0.5  # a run is called saturated when more than half of its unit-steps are
FLOAT32_LARGEST = float(np.finfo(np.float32).max)
NEARLY_ALL = 0.9  # the same for relu, of whose units about half are off in any network
GATED_REASON = (
    "Guaranteed: what the gate keeps cannot grow, a gate is at most 1. What passes the weights may grow or vanish."
)


@dataclass(frozen=True)
class Event:
    """Something a picture must not hide: `kind`, the 1-based `step` at which it begins, and its cause in a sentence."""

    kind: str
    step: int
    cause: str


@dataclass(frozen=True)
class Verdict:
    """headline: what is observed; facts: (label, value) pairs; reason: what is guaranteed or possible; events."""

    name: str
    headline: str
    facts: tuple[tuple[str, str], ...]
    reason: str
    events: tuple[Event, ...]


def verdict(name: str, trace: Trace) -> Verdict:
    """The verdict on one run, from its own numbers."""
    row, T = trace.memory_row, len(trace.xs)
    rate, horizon, silent = observed_rate(row), memory_horizon(row), not np.isfinite(row[-1])
    memory = "–" if silent else f"beyond T = {T}" if horizon is None else steps(horizon)
    facts = (
        ("per step back", "–" if np.isnan(rate) else f"×{power(rate)}"),
        ("memory", memory),
    )
    if trace.cell.gated:
        through = "" if trace.last_row_c is None else " (through c)"
        return Verdict(name, f"observed: {observed(row)}{through}", facts + kept(trace), GATED_REASON, events(trace))
    gamma_sigma = trace.activation.gamma * trace.sigma_max
    facts += (
        ("ρ", number(trace.rho)),
        ("σ_max", number(trace.sigma_max)),
        ("γ·σ_max", number(gamma_sigma)),
    )
    return Verdict(name, f"observed: {observed(row)}", facts, reason(gamma_sigma), events(trace))


def kept(trace: Trace) -> tuple[tuple[str, str], ...]:
    """What the gate that keeps the old state passes on per step: its geometric mean over steps, sequences and units."""
    with np.errstate(divide="ignore"):
        mean = float(np.log10(trace.gates[trace.cell.keeper]).mean())
    return ((f"gate {trace.cell.keeper}", f"×{power(mean)}"),)


def observed(row: np.ndarray) -> str:
    """What the last loss's term does on its way back to step 1, as observed: where it ends, and how it got there."""
    if len(row) < 2 or not np.isfinite(row[-1]):
        return "nothing to follow"
    change, rise, dip = (float(x - row[-1]) for x in (row[0], row.max(), row.min()))
    if change == -np.inf:
        return "stops at exactly 0"
    if abs(change) <= min(STEADY, STEADY_STEP * (len(row) - 1)):
        if rise > FAR or dip < -FAR:
            return f"{'rises' if rise > FAR else 'dips'} to ×{power(rise if rise > FAR else dip, 2)}, then returns"
        return "keeps its size"
    if change < 0:
        end = "vanishes" if change < HORIZON else f"shrinks to ×{power(change, 2)}"
        return f"grows ×{power(rise, 2)} first, then {end}" if rise > FAR else end
    return "explodes" if change > -HORIZON else f"grows to ×{power(change, 2)}"


def reason(gamma_sigma: float) -> str:
    """Pascanu et al. (2013), section 2: γ σ_max < 1 is sufficient to vanish; > 1 is only necessary to explode."""
    if abs(gamma_sigma - 1.0) < ROUNDING:
        return "Cannot grow: γ·σ_max = 1, no step back enlarges the term; it may keep its size or vanish."
    if gamma_sigma < 1.0:
        return f"Guaranteed to vanish: γ·σ_max < 1, no step back can pass more than ×{number(gamma_sigma)}."
    return (
        f"Possible either way: γ·σ_max > 1 lets one step back pass up to ×{number(gamma_sigma)}, and promises nothing."
    )


def events(trace: Trace) -> tuple[Event, ...]:
    """Overflow, underflow, saturation, a silent loss and dead ends, each with its step and cause."""
    found = [overflow_of_states(trace)]
    if found[0] is None:
        found = [overflow_of_gradient(trace) or overflow_of_float32(trace), silent_loss(trace), dead_end(trace)]
        found += [underflow(trace), saturation(trace)]
    return tuple(event for event in found if event is not None)


def overflow_of_states(trace: Trace) -> Event | None:
    """The forward pass leaves float64; only a vanilla cell's can."""
    bad = np.flatnonzero(~np.isfinite(trace.hs[1:]).all(axis=(1, 2)))
    if not len(bad):
        return None
    step = int(bad[0]) + 1
    phi = trace.config.activation
    cause = f"the states pass 1.8·10³⁰⁸ at step {step}: {phi} does not bound them and ρ = {number(trace.rho)} keeps"
    return Event("overflow", step, f"{cause} multiplying them. Nothing after it is a number; lower the weight scale.")


def overflow_of_gradient(trace: Trace) -> Event | None:
    """The backward pass leaves float64, or the sum over steps does."""
    bad = np.flatnonzero(~np.isfinite(trace.full.dhs).all(axis=(1, 2)))
    if not len(bad) and np.isfinite(trace.full.norm):
        return None
    if not len(bad):
        return Event("overflow", 1, "∂L/∂W, a sum over steps, passes 1.8·10³⁰⁸; the gradients of the states do not.")
    step = int(bad[-1]) + 1
    cause = f"the gradient passes 1.8·10³⁰⁸ at step {step} on its way back; the logarithms of its terms go on."
    return Event("overflow", step, cause)


def overflow_of_float32(trace: Trace) -> Event | None:
    """Where single precision would have had no number any more: for a state, or for the last loss's term."""
    states = np.flatnonzero(np.abs(trace.hs[1:]).max(axis=(1, 2)) > FLOAT32_LARGEST)
    if len(states):
        largest = number(float(np.abs(trace.hs).max()))
        return Event("overflow", int(states[0]) + 1, f"float32 ends at step {states[0] + 1}; |h| grows to {largest}.")
    row = trace.memory_row
    lost = np.flatnonzero(np.isfinite(row) & (row > np.log10(FLOAT32_LARGEST)))
    if not len(lost):
        return None
    step, most = int(lost[-1]) + 1, power(float(row[lost].max()))
    return Event("overflow", step, f"float32 would read ∞ from step {step} back; the true term grows to {most}.")


def silent_loss(trace: Trace) -> Event | None:
    """p = onehot(target) to the last digit: a small gradient that is not vanishing."""
    if np.isfinite(trace.last_row[-1]):
        return None
    T = len(trace.xs)
    return Event(
        "no loss", T, f"the last loss sends nothing back, p is 1 on its target at step {T}: this is not vanishing."
    )


def dead_end(trace: Trace) -> Event | None:
    """The term becomes exactly 0 on its way, as through relu units that are all off."""
    row = trace.memory_row
    zero = np.flatnonzero(np.isneginf(row))
    if not len(zero) or not np.isfinite(row[-1]):
        return None
    step = int(zero[-1]) + 1
    cause = "W_hh is 0" if trace.rho == 0.0 else "every path passes a unit whose slope is 0"
    return Event("dead end", step, f"the term is exactly 0 from step {step} back: {cause}.")


def underflow(trace: Trace) -> Event | None:
    """Where single precision would have read 0."""
    row = trace.memory_row
    lost = np.flatnonzero(np.isfinite(row) & (row < FLOAT32_ZERO))
    if not len(lost):
        return None
    step, least = int(lost[-1]) + 1, power(float(row[lost].min()))
    return Event("underflow", step, f"float32 would read 0 from step {step} back; the true term goes down to {least}.")


def saturation(trace: Trace) -> Event | None:
    """Most units sit where φ is flat. About half of relu's are off in any network: there it takes nearly all."""
    if trace.slopes is None:  # gated cells have no φ; their gates are meant to close
        return None
    gamma, relu = trace.activation.gamma, trace.config.activation == "relu"
    many, share = NEARLY_ALL if relu else MANY, saturated_share(trace.slopes, gamma)
    if share <= many:
        return None
    per_step = (trace.slopes < SATURATED * gamma).mean(axis=(1, 2))
    step = int(np.flatnonzero(per_step > many)[0]) + 1
    flat = f"{share:.0%} of unit-steps have φ′ < γ/10, from step {step} on: φ is flat there."
    return Event("units off", step, flat) if relu else Event("saturation", step, flat)
