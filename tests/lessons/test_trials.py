"""What the presets of the Training page say about their runs."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.engine.losses import perplexity
from explorer.lessons.trials import TRIALS
from explorer.training.lab import begin


def trained(name, updates=None):
    """The variants of a preset after its updates, or fewer."""
    trial = TRIALS[name]
    lab = begin(trial.config, replace(trial.recipe, updates=updates or trial.recipe.updates), trial.vary)
    while lab.state == "running":
        lab.step()
    return lab.variants


@pytest.mark.parametrize(("name", "words"), [("dogs", 4), ("a sentence", 7)])
def test_texts_are_learnt_by_both_and_by_sigmoid_later(name, words):
    tanh, sigmoid = trained(name)
    assert perplexity(tanh.lesson.blind_loss) == pytest.approx(words)
    low = [next(i for i, loss in enumerate(v.losses) if perplexity(loss) < 1.1) for v in (tanh, sigmoid)]
    assert low[0] < low[1]
    assert max(perplexity(v.losses[-1]) for v in (tanh, sigmoid)) < 1.05


def test_sigmoid_does_not_learn_temporal_order():
    tanh, sigmoid = trained("tanh | sigmoid")
    assert tanh.looks[-1].accuracy == 1.0
    assert sigmoid.looks[-1].accuracy < 0.4
    assert [round(v.rows[0][0]) for v in (tanh, sigmoid)] == [-4, -14]


def test_unclipped_it_diverges_within_a_few_updates_and_clipped_it_learns():
    clipped, unclipped = trained("clipped | diverging")
    assert "float64" in unclipped.fault
    assert unclipped.number < 20
    assert not clipped.fault
    assert clipped.looks[-1].loss < 0.7 * clipped.lesson.blind_loss


def test_beyond_the_window_the_gradient_is_exactly_0():
    full, block = trained("full | truncated")
    assert all((row[:10] == -np.inf).all() for row in block.rows)
    assert full.looks[-1].accuracy == 1.0
    assert block.looks[-1].accuracy < 0.7


def test_gated_cells_add_and_the_rnn_hardly_beats_always_1():
    rnn, lstm, gru = trained("RNN | LSTM | GRU", updates=500)
    blind = rnn.lesson.blind_loss
    assert 0.6 * blind < rnn.looks[-1].loss < 1.5 * blind
    assert max(lstm.looks[-1].loss, gru.looks[-1].loss) < 0.1 * blind


def test_chunks_do_not_learn_what_lies_beyond_their_edge():
    sequence, chunk = trained("chunks | one gradient")
    assert sequence.looks[-1].accuracy > 0.95
    assert chunk.looks[-1].accuracy < 0.6
