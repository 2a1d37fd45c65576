"""Does it learn? Small gradients, small losses, and what they prove."""

from dataclasses import replace

import numpy as np

from explorer.config import Config
from explorer.engine.bptt import forward, readout
from explorer.engine.records import Trace
from explorer.figures.descent import descent_curve
from explorer.figures.theme import Picture
from explorer.lessons.measure import of, trained, vanishes
from explorer.lessons.questions import Choose, Magnitude, Option, Traces
from explorer.lessons.screens import Lesson, Screen
from explorer.run import run

WORD = Config(sequence_length=20, truncation="full", clip="none")
ORDER = Config(task="order", sequence_length=20, batch_size=8, hidden_size=16, truncation="full", clip="none")
CHANCE = float(np.log(4))  # the loss of somebody who knows nothing about four equally likely classes


def learnt(trace) -> tuple[Trace, ...]:
    """The run before, and after each of 60 updates on its batch; one word needs smaller steps than eight sequences."""
    return trained(trace.config, 0.1 if trace.config.task == "dogs" else 0.5, 60)


def all_right(trace) -> bool:
    """The last output of every sequence is its target."""
    return bool((trace.probs[-1].argmax(axis=-1) == trace.targets[-1]).all())


def loss_on_new_data(trace) -> float:
    """The mean loss of the trained network on 64 sequences that it has not seen."""
    return run(replace(trace.config, seed=trace.config.seed + 1, batch_size=64), learnt(trace)[-1].params).loss


def endings_decide(trace) -> bool:
    """The trained network's answers are the same when every sequence has the first 12 steps of another."""
    others = range(1, trace.config.batch_size)
    for xs in (np.concatenate([np.roll(trace.xs[:12], n, axis=1), trace.xs[12:]]) for n in others):
        states, _ = forward(learnt(trace)[-1].params, xs, trace.cell, trace.activation)
        answers = readout(learnt(trace)[-1].params, states)[-1].argmax(axis=-1)
        if (answers != trace.targets[-1]).any():
            return False
    return True


def curve(traces: Traces) -> Picture:
    """Loss and probability, update by update."""
    return descent_curve(learnt(traces["tanh"]))


def first_symbol(trace) -> int:
    """The step (from 0) at which the first A or B is read."""
    return next(t for t, symbol in enumerate(trace.inputs) if symbol in "AB")


LESSON = Lesson(
    "Does it learn?",
    "Small gradients, small losses, and what they prove.",
    (
        Screen(
            setting="A network is trained on “dogs” for 60 updates. Before, ‖∂L_T/∂h_T‖ was about 1; now it is below "
            "1/50.",
            ask="Has the gradient vanished?",
            question=Choose(
                {
                    "vanished": Option(
                        "yes: it is 50 times as small as before",
                        of("tanh", lambda trace: learnt(trace)[-1].losses[-1] > 1),
                        "This is the gradient at the loss itself. Nothing has travelled back yet that could vanish.",
                    ),
                    "learnt": Option(
                        "no: it is small because the network predicts its letter",
                        of("tanh", lambda trace: learnt(trace)[-1].losses[-1] < 0.05),
                        "Yes: p − onehot(target) → 0, so all terms are small, near and far alike.",
                    ),
                    "stuck": Option(
                        "no, but the network is stuck: it still predicts the wrong letter",
                        of(
                            "tanh",
                            lambda trace: learnt(trace)[-1].probs[-1, 0].argmax() != trace.targets[-1, 0],
                        ),
                        "It would have a large gradient at the last step then.",
                    ),
                }
            ),
            config=WORD,
            takeaway="A gradient is also small where there is nothing left to learn.",
            explain="That is why verdicts here compare the far end of the chain with its near end, and never with 1. "
            "In the picture: the loss falls, the probability of the right letter goes to 1.",
            holds=of(
                "tanh",
                lambda trace: 0.5 < 10 ** trace.last_row[-1] < 1.5 and 10 ** learnt(trace)[-1].last_row[-1] < 0.02,
            ),
            still=curve,
        ),
        Screen(
            setting="Now temporal order: two symbols in the first half of 20 steps decide the class, the rest is "
            "noise. Eight sequences, 60 updates with the full gradient, no truncation.",
            ask="What is the loss on these eight sequences afterwards? (Knowing nothing costs ln 4 = 1.39.)",
            question=Magnitude("loss", -3.0, 1.0, of("tanh", lambda trace: np.log10(learnt(trace)[-1].loss)), near=0.4),
            config=ORDER,
            takeaway="It falls to about a hundredth: the network gets all eight right.",
            explain="Looks like success. The gradient was complete and the loss went down, as the picture shows.",
            holds=of("tanh", lambda trace: 0.01 < learnt(trace)[-1].loss < 0.015 and all_right(learnt(trace)[-1])),
            still=curve,
            sliders=("weight_scale", "sequence_length"),
        ),
        Screen(
            setting="The same trained network gets 64 new sequences of the same task.",
            ask="What is its loss on them?",
            question=Choose(
                {
                    "low": Option(
                        "about a hundredth again: it has learnt the task",
                        of("tanh", lambda trace: loss_on_new_data(trace) < 0.2),
                        "It has learnt eight sequences. What it used to tell them apart need not be the two symbols.",
                    ),
                    "between": Option(
                        "more, but clearly less than ln 4: it has learnt part of it",
                        of("tanh", lambda trace: 0.2 <= loss_on_new_data(trace) < CHANCE - 0.1),
                        "That would be so if it had found at least one of the two symbols.",
                    ),
                    "guessing": Option(
                        "ln 4 or more: no better than guessing",
                        of("tanh", lambda trace: loss_on_new_data(trace) >= CHANCE - 0.1),
                        "Yes, and worse than guessing, because it is sure of itself.",
                    ),
                }
            ),
            config=ORDER,
            takeaway="It has memorised eight endings; it has not learnt to remember.",
            explain="Give each of the eight the first twelve steps of another, A and B with them: all eight answers "
            "stay. It knows them by their last letters, whose gradient is strong. What matters is ten or more steps "
            "away, where the term is far smaller. A falling loss does not prove a long memory: test it on new data.",
            holds=of(
                "tanh",
                lambda trace: (
                    loss_on_new_data(trace) > CHANCE
                    and trace.last_row[5] < trace.last_row[-1] - 1
                    and endings_decide(trace)
                ),
            ),
            still=curve,
        ),
        Screen(
            setting="The same task with 100 steps and small weights (scale 0.5): the symbols are more than 45 steps "
            "from the loss.",
            ask="How large is the last loss’s term where the first symbol is read, as a fraction of its start?",
            question=Magnitude(
                "‖∂L_T/∂h_k‖ / ‖∂L_T/∂h_T‖",
                -60.0,
                0.0,
                of("tanh", lambda trace: trace.last_row[first_symbol(trace)] - trace.last_row[-1]),
                near=6.0,
            ),
            config=Config(task="order", sequence_length=100, weight_scale=0.5, truncation="full", clip="none"),
            takeaway="The way to a better memory exists in the gradient, tens of decades below everything else.",
            explain="No learning rate makes it audible: it enlarges the near terms just as much. This is the problem "
            "for which gated cells, better initial weights and attention were invented.",
            holds=of(
                "tanh",
                lambda trace: (
                    vanishes(trace)
                    and trace.last_row[first_symbol(trace)] < -20
                    and np.flatnonzero([s in "AB" for s in trace.inputs]).max() < 55
                ),
            ),
        ),
    ),
)
