"""What the LSTM changes: a second way back, whose factor is a gate."""

from explorer.config import Config
from explorer.figures.gradient_terms import gradient_terms
from explorer.lessons.measure import change, explodes, of, share_of_seeds, stays, vanishes, with_
from explorer.lessons.questions import Choose, Option, Sketch
from explorer.lessons.screens import Lesson, Screen

LONG = {"weight_scale": 0.5, "hidden_size": 32, "sequence_length": 100, "truncation": "full"}
LIVE = {"show": ("tanh", "lstm"), "sliders": ("forget_bias", "weight_scale", "sequence_length")}


def tanh(trace):
    """The vanilla network with the same settings."""
    return with_(trace, cell="rnn")


def gate(trace) -> float:
    """The mean of the gate that keeps the old state."""
    return float(trace.gates[trace.cell.keeper].mean())


LESSON = Lesson(
    "What the LSTM changes",
    "A way back whose factor is a gate, and what the gate has to do for it.",
    (
        Screen(
            setting="Small weights (scale 0.5), 100 steps. The tanh network’s term falls by 48 decades. An LSTM takes "
            "its place, all its biases 0, so that its forget gate is about ½.",
            ask="What does the last loss’s term do in the LSTM?",
            question=Choose(
                {
                    "keeps": Option(
                        "it stays within a factor of 1000: LSTMs do not vanish",
                        of("lstm", stays),
                        "The way through c has the factor f, and f is about ½ here: 2⁻⁹⁹ is not much.",
                    ),
                    "slower": Option(
                        "it vanishes too, but far more slowly",
                        of("lstm", lambda trace: vanishes(trace) and change(trace) > change(tanh(trace)) / 2),
                        "Yes: the factor is now about the forget gate, which is larger than the factor of tanh here.",
                    ),
                    "faster": Option(
                        "it vanishes faster: its gates are sigmoids, with slopes of at most ¼",
                        of("lstm", lambda trace: change(trace) < change(tanh(trace))),
                        "The main way back does not pass the slope of a gate but is multiplied by the gate itself.",
                    ),
                }
            ),
            config=Config(**LONG, forget_bias=0),
            takeaway="With a forget gate of one half an LSTM vanishes as well.",
            explain="c_t = f_t ∘ c_{t−1} + i_t ∘ g_t: one step back along c multiplies by f_t. That is no cure in "
            "itself, it is a factor that the network can set. Here nobody has set it yet.",
            holds=lambda runs: 0.45 < gate(runs["lstm"]) < 0.55 and -49 < change(runs["tanh"]) < -47,
            **LIVE,
        ),
        Screen(
            setting="The bias of the forget gate is where training starts from.",
            ask="With which of these does the term stay above 1/1000 of its start over all 100 steps?",
            question=Choose(
                {
                    "zero": Option(
                        "0, so f ≈ 0.5: what is not forgotten stays",
                        of("lstm", lambda trace: not vanishes(with_(trace, forget_bias=0))),
                        "One half per step is forgotten; after ten steps a thousandth is left.",
                    ),
                    "one": Option(
                        "1, so f ≈ 0.7: the usual advice",
                        of("lstm", lambda trace: not vanishes(with_(trace, forget_bias=1))),
                        "A good start for a few dozen steps. Over a hundred it is far too little.",
                    ),
                    "four": Option(
                        "4, so f ≈ 0.97",
                        of(
                            "lstm",
                            lambda trace: (
                                not vanishes(with_(trace, forget_bias=4)) and vanishes(with_(trace, forget_bias=1))
                            ),
                        ),
                        "Yes: 0.97¹⁰⁰ is still 1/20.",
                    ),
                }
            ),
            config=Config(**LONG, forget_bias=1),
            takeaway="How far a gradient gets is a matter of how near to 1 the forget gate is.",
            explain="Drag the forget bias and watch the slope of the line follow. A gate that is always open forgets "
            "nothing, not even what it should: long memory has its price.",
            holds=of(
                "lstm",
                lambda trace: (
                    0.65 < gate(trace) < 0.75
                    and 0.96 < gate(with_(trace, forget_bias=4)) < 0.98
                    and 1 / 22 < 0.97**100 < 1 / 20
                ),
            ),
            **LIVE,
        ),
        Screen(
            setting="Forget bias 4, so the gate is about 0.97. The dotted line is the tanh network, same inputs.",
            ask="Sketch the LSTM’s term at c over the 100 steps.",
            question=Sketch(gradient_terms, "lstm, at c", ("tanh",), near=2.0),
            config=Config(**LONG, forget_bias=4),
            takeaway="Nearly level: less than half a decade where the tanh network loses 48.",
            explain="Along c neither W_hh nor the slope of an activation is in the way, only the gate. The term at h "
            "lies lower by a constant step: it has to get into c first, and from there on it travels with the other.",
            holds=lambda runs: (
                -0.5 < change(runs["lstm"]) < 0
                and change(runs["tanh"]) < -47
                and bool(((runs["lstm"].last_row - runs["lstm"].memory_row)[:90] < -0.5).all())
            ),
            **LIVE,
        ),
        Screen(
            setting="The gates of an LSTM lie between 0 and 1, so the way along c can never grow. Large weights now: "
            "scale 16, 32 units, 50 steps, forget bias 1.",
            ask="Can the LSTM’s term explode?",
            question=Choose(
                {
                    "no": Option(
                        "no: every factor along c is at most 1",
                        of("lstm", lambda trace: share_of_seeds(trace.config, explodes) == 0),
                        "Along c, yes. But there are also the ways through the gates, and W_hh is in them.",
                    ),
                    "rarely": Option(
                        "for some seeds, not for most",
                        of("lstm", lambda trace: 0 < share_of_seeds(trace.config, explodes) <= 0.5),
                        "At a scale of 5 hardly any does. At 16 the ways through the weights dominate.",
                    ),
                    "yes": Option(
                        "yes, and at this scale it does so for most seeds",
                        of("lstm", lambda trace: share_of_seeds(trace.config, explodes) > 0.5),
                        "Yes: h_{t−1} enters every gate through W_hh, and those ways back can grow.",
                    ),
                }
            ),
            config=Config(weight_scale=16, hidden_size=32, truncation="full"),
            takeaway="An LSTM can explode. That is why it is trained with clipping.",
            explain="What the LSTM adds is a way back that can be kept open. It does not close the others. Drag the "
            "weight scale down to 5 and they lose their hold.",
            holds=of(
                "lstm",
                lambda trace: share_of_seeds(trace.config, explodes) > 0.9 and stays(with_(trace, weight_scale=5)),
            ),
            **LIVE,
        ),
    ),
)
