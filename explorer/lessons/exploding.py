"""Does a bigger weight explode? What ρ and σ_max promise for a driven network, and what they do not."""

import numpy as np

from explorer.config import Config
from explorer.figures.gradient_terms import gradient_terms
from explorer.lessons.measure import explodes, of, rise, share_of_seeds, stays, vanishes, with_
from explorer.lessons.questions import Boundary, Choose, Option, Sketch
from explorer.lessons.screens import Lesson, Screen


def edge(trace) -> np.ndarray:
    """The weight scale at which the median over seeds begins to grow, for every length on the map."""
    return 10 ** Boundary().truth({"tanh": trace}).values


LESSON = Lesson(
    "Does a bigger weight explode?",
    "“Above 1 explodes” was made for one unit without input.",
    (
        Screen(
            setting="Weight scale 1.4, 16 tanh units, 50 steps. The spectral radius ρ of W_hh is 1.38.",
            ask="What does the last loss’s term do on its way back to step 1?",
            question=Choose(
                {
                    "explodes": Option(
                        "it explodes, about 1.38⁴⁹ ≈ 7 million times",
                        of("tanh", explodes),
                        "1.38 is the growth without an activation. tanh’s slope φ′ takes part in each factor.",
                    ),
                    "stays": Option(
                        "it stays within a factor of 1000: tanh holds the states within ±1",
                        of("tanh", stays),
                        "Bounded states do not bound the gradient in either direction.",
                    ),
                    "vanishes": Option(
                        "it vanishes, although ρ > 1",
                        of("tanh", vanishes),
                        "Yes: units away from 0 have φ′ well below 1, and that more than eats up the 1.38.",
                    ),
                }
            ),
            config=Config(weight_scale=1.4, truncation="full"),
            takeaway="ρ > 1 does not make the gradient of a driven network explode.",
            explain="Each factor is diag(φ′(a))·W_hhᵀ. The letters push the units away from 0, where φ′ < 1. Among 16 "
            "networks of this kind, most vanish at this scale, and none explodes.",
            holds=of(
                "tanh",
                lambda trace: (
                    1.37 < trace.rho < 1.39
                    and share_of_seeds(trace.config, vanishes) > 0.5
                    and share_of_seeds(trace.config, explodes) == 0
                    and 6e6 < 1.38**49 < 8e6
                ),
            ),
        ),
        Screen(
            setting="Scale 3, 32 units. The bound (γ·σ_max)^(T−t), dotted, now points far up.",
            ask="Sketch the last loss’s term.",
            question=Sketch(gradient_terms, "tanh", ("tanh bound",), near=2.0),
            config=Config(weight_scale=3, hidden_size=32, truncation="full"),
            takeaway="It does explode now, and stays far below its bound.",
            explain="The bound multiplies the worst case of every step. A real gradient meets neither the largest "
            "singular value nor φ′ = 1 at every step. Seeds differ widely at this scale; some do not even reach a "
            "factor of 1000.",
            holds=of(
                "tanh",
                lambda trace: (
                    explodes(trace)
                    and trace.bound[0] > trace.last_row[0] + 10
                    and 0 < share_of_seeds(trace.config, explodes) < 1
                ),
            ),
        ),
        Screen(
            setting="γ·σ_max is 5.4 at this setting (scale 3, 32 units).",
            ask="What does γ·σ_max > 1 say about the gradient?",
            question=Choose(
                {
                    "must": Option(
                        "it must explode",
                        of("tanh", lambda trace: share_of_seeds(trace.config, explodes) == 1),
                        "Then every seed would have to explode. About half of them do.",
                    ),
                    "may": Option(
                        "it may explode, or not",
                        of("tanh", lambda trace: 0 < share_of_seeds(trace.config, explodes) < 1),
                        "Yes: above 1 growth is possible, nothing more. Below 1, vanishing is certain.",
                    ),
                    "cannot": Option(
                        "nothing: tanh networks cannot explode",
                        of("tanh", lambda trace: share_of_seeds(trace.config, explodes) == 0),
                        "Their states cannot; their gradients can.",
                    ),
                }
            ),
            config=Config(weight_scale=3, hidden_size=32, truncation="full"),
            takeaway="Below 1 vanishing is guaranteed. Above 1 growth is possible, not more.",
            explain="The condition is sufficient for vanishing and only necessary for exploding (Pascanu et al. "
            "2013). The verdict above the picture keeps the two apart from what is observed.",
            holds=of("tanh", lambda trace: 5.3 < trace.sigma_max < 5.5),
        ),
        Screen(
            setting="The same network with relu instead of tanh. Its slopes are 0 or 1.",
            ask="At which weight scale does the term of relu start to grow over 50 steps?",
            question=Choose(
                {
                    "below": Option(
                        "already at 1: an active unit has slope exactly 1",
                        of("relu", lambda trace: rise(with_(trace, weight_scale=1)) > 1),
                        "The active ones do. The others, nearly half of them, let nothing through.",
                    ),
                    "between": Option(
                        "somewhere between 1 and 2",
                        of(
                            "relu",
                            lambda trace: rise(with_(trace, weight_scale=1)) < 1 < rise(with_(trace, weight_scale=2)),
                        ),
                        "Yes: with about half of the units off, a factor of about √2 is needed to make up for it.",
                    ),
                    "never": Option(
                        "never: the slopes are at most 1",
                        of("relu", lambda trace: rise(with_(trace, weight_scale=2)) < 1 and not explodes(trace)),
                        "Slopes of at most 1 times large weights can be as large as you like.",
                    ),
                }
            ),
            config=Config(weight_scale=3, hidden_size=32, activation="relu", truncation="full"),
            takeaway="Relu has no flat end to hide in: where its term starts to grow, more weight makes it grow "
            "faster.",
            explain="About half of the units are off at each step, which is why the edge lies near √2. Compare with "
            "tanh: its larger weights also mean flatter slopes, and that holds it back.",
            holds=lambda runs: (
                stays(with_(runs["relu"], weight_scale=1.4))
                and explodes(runs["relu"])
                and rise(runs["relu"]) > rise(runs["tanh"])
            ),
            show=("tanh", "relu"),
        ),
        Screen(
            setting="A map of real runs: sequence length T to the right, weight scale upward, 32 tanh units, medians "
            "of 8 seeds. Below the dotted line γ·σ_max < 1: there the term must vanish.",
            ask="From which weight scale on does it grow? Mark the boundary for every T.",
            question=Boundary(near=0.15),
            config=Config(hidden_size=32, sequence_length=60, weight_scale=2, truncation="full"),
            takeaway="Growth begins at about twice the scale at which ρ reaches 1, and four times γ·σ_max = 1.",
            explain="Between the two lines lies a wide band in which nothing is promised and the term shrinks all the "
            "same. The boundary hardly depends on T: it is where the factor per step is 1, and T only says how often "
            "it is applied.",
            holds=of(
                "tanh",
                lambda trace: (
                    0.8 < 1 / with_(trace, weight_scale=1).rho < 1.0
                    and 1.8 < float(np.median(edge(trace))) < 2.3
                    and np.ptp(np.log10(edge(trace))) < 0.15
                    and 3.4 < float(np.median(edge(trace))) * trace.sigma_max / 2 < 4.4
                ),
            ),
        ),
    ),
)
