"""Eigenvalue or singular value? What each of them says about a product of Jacobians."""

from dataclasses import replace

import numpy as np

from explorer.config import Config
from explorer.figures.gradient_terms import gradient_terms
from explorer.lessons.measure import change, explodes, of, rise, share_of_seeds, stays, vanishes, with_
from explorer.lessons.questions import Choose, Option, Sketch
from explorer.lessons.screens import Lesson, Screen

LINEAR = Config(hidden_size=8, init="non-normal", sequence_length=120, activation="identity", truncation="full")
ONE = {"show": ("identity",)}


def below_one(trace):
    """The same network with so little weight that σ_max < 1."""
    return with_(trace, weight_scale=0.5)


def shrinks(trace) -> bool:
    """No step back enlarges the term."""
    return bool((np.diff(trace.last_row) >= 0).all())


LESSON = Lesson(
    "Eigenvalue or singular value?",
    "ρ tells the end of the story, σ_max the most that a step can do.",
    (
        Screen(
            setting="A linear network (φ = identity) with a non-normal W_hh: ρ = 0.78, σ_max = 1.75. 120 steps.",
            ask="What does the last loss’s term do on its way back?",
            question=Choose(
                {
                    "falls": Option(
                        "it falls from the first step on: all eigenvalues are below 1",
                        of("identity", lambda trace: vanishes(trace) and rise(trace) < 0.3),
                        "Eigenvalues say how a product ends, not how it begins.",
                    ),
                    "explodes": Option(
                        "it explodes: σ_max is above 1",
                        of("identity", explodes),
                        "σ_max bounds one step. No direction is enlarged that much at every step.",
                    ),
                    "both": Option(
                        "it grows at first and vanishes later",
                        of("identity", lambda trace: vanishes(trace) and rise(trace) > 1),
                        "Yes: the directions are not orthogonal; they can add up before each of them fades.",
                    ),
                }
            ),
            config=LINEAR,
            takeaway="ρ < 1 < σ_max: it may grow first and has to vanish in the end.",
            explain="Without an activation the chain is a power of W_hh. Its norm tends to ρᵗ in the long run, but "
            "before that it may be larger by orders of magnitude; it is so if eigenvectors are nearly parallel.",
            holds=of(
                "identity",
                lambda trace: 0.775 < trace.rho < 0.785 and 1.74 < trace.sigma_max < 1.76 and rise(trace) > 2,
            ),
            sliders=("weight_scale", "sequence_length"),
            **ONE,
        ),
        Screen(
            setting="The same network with less weight: scale 0.9, so ρ = 0.70 and σ_max = 1.57.",
            ask="Sketch the last loss’s term over all 120 steps.",
            question=Sketch(gradient_terms, "identity", near=1.0),
            config=Config(
                hidden_size=8,
                init="non-normal",
                sequence_length=120,
                activation="identity",
                truncation="full",
                weight_scale=0.9,
            ),
            takeaway="First up, then down in a straight line whose slope is ρ.",
            explain="Far from the start only the largest eigenvalue is left, and the line falls by ρ per step. A rate "
            "measured over the first steps would have predicted an explosion.",
            holds=of(
                "identity",
                lambda trace: (
                    rise(trace) > 0.5
                    and abs(trace.rho - 0.9 * 0.78) < 0.02
                    and abs((trace.last_row[20] - trace.last_row[0]) / 20 + np.log10(trace.rho)) < 0.05
                ),
            ),
            **ONE,
        ),
        Screen(
            setting="An orthogonal W_hh: all singular values are 1, and all eigenvalues have modulus 1. 32 tanh "
            "units, 50 steps.",
            ask="What does the term do?",
            question=Choose(
                {
                    "stays": Option(
                        "it keeps its size: an orthogonal matrix preserves lengths",
                        of("tanh", stays),
                        "The matrix does. Each factor also has diag(φ′), and φ′ < 1 wherever a unit is not at 0.",
                    ),
                    "vanishes": Option(
                        "it vanishes",
                        of("tanh", vanishes),
                        "Yes: W_hh keeps lengths, the slopes of tanh take some away at every step.",
                    ),
                    "explodes": Option(
                        "it explodes",
                        of("tanh", explodes),
                        "γ·σ_max = 1: no step can enlarge anything.",
                    ),
                }
            ),
            config=Config(init="orthogonal", hidden_size=32, truncation="full"),
            takeaway="An orthogonal W_hh does not keep a gradient alive if the activation shrinks it.",
            explain="With φ = identity the term keeps its size to the last digit, with tanh it loses about ten "
            "decades. A weight scale of about 2 makes up for the slopes, for this input.",
            holds=lambda runs: (
                abs(change(runs["identity"])) < 1e-9
                and -11 < change(runs["tanh"]) < -9
                and stays(with_(runs["tanh"], weight_scale=2))
            ),
            show=("tanh", "identity"),
        ),
        Screen(
            setting="Scale 0.8: now every single weight is below 1 in size, ρ = 0.62 and σ_max = 1.40. Somebody looks "
            "for a condition under which the term can only shrink, at every step, whatever the network reads.",
            ask="Which of these is one?",
            question=Choose(
                {
                    "entries": Option(
                        "every weight |w| < 1",
                        of("identity", lambda trace: rise(trace) <= 0),
                        "This network fulfils it, and its term grows at first: every unit sums over many weights.",
                    ),
                    "radius": Option(
                        "ρ(W_hh) < 1",
                        of("identity", lambda trace: rise(with_(trace, weight_scale=1)) <= 0),
                        "This network fulfils it, even at scale 1, and its term grows at first.",
                    ),
                    "singular": Option(
                        "γ·σ_max(W_hh) < 1",
                        of("identity", lambda trace: share_of_seeds(below_one(trace).config, shrinks) == 1),
                        "Yes: σ_max is the most that W_hh can do to any vector, γ the most that φ′ can.",
                    ),
                }
            ),
            config=replace(LINEAR, weight_scale=0.8),
            takeaway="γ·σ_max < 1 guarantees vanishing. Neither ρ nor single weights do.",
            explain="A bound on the norm of each factor is a bound on the product. For ρ there is no such "
            "step-by-step statement, unless W_hh is normal. Drag the weight scale down to where σ_max falls below 1.",
            holds=of(
                "identity",
                lambda trace: (
                    np.abs(trace.params["W_hh"]).max() < 1
                    and abs(trace.rho - 0.62) < 0.005
                    and abs(trace.sigma_max - 1.40) < 0.005
                    and rise(trace) > 0.3
                    and with_(trace, weight_scale=1).rho < 1
                    and below_one(trace).sigma_max < 1
                ),
            ),
            **ONE,
        ),
    ),
)
