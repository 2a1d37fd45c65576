"""Why sigmoid is worse: its slope is at most ¼, and all else is equal."""

import math

from explorer.config import Config
from explorer.engine.diagnostics import memory_horizon
from explorer.figures.gradient_terms import gradient_terms
from explorer.lessons.measure import change, explodes, grows, of, share_of_seeds, stays, vanishes, with_
from explorer.lessons.questions import Choose, Magnitude, Option, Sketch
from explorer.lessons.screens import Lesson, Screen

BOTH = {"show": ("tanh", "sigmoid")}


def horizon(trace) -> float:
    """log10 of the memory horizon in steps."""
    return math.log10(memory_horizon(trace.last_row))


LESSON = Lesson(
    "Why sigmoid is worse",
    "The same weights and the same inputs under two activations.",
    (
        Screen(
            setting="Weights of scale 3, 32 units, 50 steps. With tanh the last loss’s term grows on its way back to "
            "step 1.",
            ask="What does it do with sigmoid, same weights, same inputs?",
            question=Choose(
                {
                    "grows": Option(
                        "it grows as well: the weights decide",
                        of("sigmoid", explodes),
                        "The weights are only one part of each factor; φ′ is the other.",
                    ),
                    "same": Option(
                        "it keeps about its size",
                        of("sigmoid", stays),
                        "For that the smaller slopes of sigmoid would have to be made up for exactly.",
                    ),
                    "vanishes": Option(
                        "it vanishes",
                        of("sigmoid", vanishes),
                        "Yes: every factor is diag(φ′)·W_hhᵀ, and the slope of sigmoid is at most ¼.",
                    ),
                }
            ),
            config=Config(weight_scale=3, hidden_size=32, truncation="full"),
            takeaway="The same weights can explode under tanh and vanish under sigmoid.",
            explain="Drag the weight scale: there is a wide range in which one line goes up and the other one down. "
            "Not the weights alone decide, but weights times slopes.",
            holds=lambda runs: explodes(runs["tanh"]) and vanishes(runs["sigmoid"]),
            **BOTH,
        ),
        Screen(
            setting="A step back multiplies by φ′(a), unit by unit. For tanh φ′ is at most 1.",
            ask="And for sigmoid?",
            question=Choose(
                {
                    "one": Option(
                        "1 as well: both are S-shaped",
                        of("sigmoid", lambda trace: trace.activation.gamma == 1.0),
                        "sigmoid rises from 0 to 1, tanh from −1 to 1, and sigmoid is stretched to twice the width.",
                    ),
                    "half": Option(
                        "½: its range is half as high",
                        of("sigmoid", lambda trace: trace.activation.gamma == 0.5),
                        "Half as high and also twice as wide: σ(a) = (1 + tanh(a/2))/2.",
                    ),
                    "quarter": Option(
                        "¼: half as high, and twice as wide",
                        of("sigmoid", lambda trace: trace.activation.gamma == 0.25),
                        "Yes: σ(a) = (1 + tanh(a/2))/2, so its slope is a quarter of tanh’s at half the place.",
                    ),
                }
            ),
            config=Config(truncation="full"),
            takeaway="Sigmoid’s slope is at most ¼: each step back costs at least a factor of four before W_hh can "
            "help.",
            explain="Over fifty steps that is 4⁻⁴⁹, thirty decades, for W_hh to make up. With σ_max below 4 it "
            "cannot: vanishing is guaranteed. For tanh that guarantee ends at 1.",
            holds=lambda runs: runs["sigmoid"].sigma_max < 4 and runs["tanh"].sigma_max > 1,
            **BOTH,
        ),
        Screen(
            setting="Scale 1, 16 units, 50 steps. The dotted line is tanh’s term.",
            ask="Sketch the one of sigmoid, same weights, same inputs.",
            question=Sketch(gradient_terms, "sigmoid", ("tanh",), near=3.0),
            config=Config(truncation="full"),
            takeaway="Sigmoid loses several times as many decades over the same steps.",
            explain="Both are nearly straight: a factor per step each. Sigmoid’s is smaller because φ′ ≤ ¼; at these "
            "small weights most units sit near the middle, where the slope is as steep as it gets.",
            holds=lambda runs: (
                change(runs["sigmoid"]) < 3 * change(runs["tanh"]) and runs["sigmoid"].slopes.mean() > 0.2
            ),
            **BOTH,
        ),
        Screen(
            setting="The same sigmoid network. Say that a term is lost where it has fallen to 1/1000 of its start.",
            ask="After how many steps back is it lost?",
            question=Magnitude("steps back", 0.0, 2.0, of("sigmoid", horizon), " steps", near=0.2),
            config=Config(truncation="full"),
            takeaway="Five steps or so: shorter than most words.",
            explain="This is the memory in the verdict: the first lag at which the term is below 1/1000. Compare it "
            "with tanh’s, and find out how large the weights have to be to give sigmoid the memory that tanh has at "
            "scale 1.",
            holds=lambda runs: (
                memory_horizon(runs["sigmoid"].last_row) in (4, 5, 6) and memory_horizon(runs["tanh"].last_row) > 10
            ),
            **BOTH,
        ),
        Screen(
            setting="Much larger weights: scale 16 with 64 units. σ_max is about 30, far above 4.",
            ask="Can the last loss’s term grow in a sigmoid network?",
            question=Choose(
                {
                    "never": Option(
                        "no: with slopes of at most ¼ it always vanishes",
                        of("sigmoid", lambda trace: share_of_seeds(trace.config, grows) == 0),
                        "¼ is only half of the story. The guarantee needs ¼·σ_max < 1.",
                    ),
                    "can": Option(
                        "it can: it grows for some seeds and shrinks for others",
                        of("sigmoid", lambda trace: 0 < share_of_seeds(trace.config, grows) < 1),
                        "Yes: ¼·σ_max is above 7 here, which allows growth and promises nothing.",
                    ),
                    "must": Option(
                        "it must: ¼·σ_max is far above 1",
                        of("sigmoid", lambda trace: share_of_seeds(trace.config, grows) == 1),
                        "Above 1 growth is possible, not certain. Other seeds at this scale shrink.",
                    ),
                }
            ),
            config=Config(weight_scale=16, hidden_size=64, truncation="full"),
            takeaway="“Sigmoid always vanishes” is true for small weights only.",
            explain="¼·σ_max < 1 guarantees vanishing, above 1 anything may happen. Drag H down to 16 and the same "
            "weight scale vanishes, because nearly all units are stuck where sigmoid is flat.",
            holds=lambda runs: (
                explodes(runs["sigmoid"])
                and vanishes(with_(runs["sigmoid"], hidden_size=16))
                and runs["sigmoid"].sigma_max / 4 > 7
            ),
            sliders=("weight_scale", "hidden_size"),
            show=("sigmoid",),
        ),
    ),
)
