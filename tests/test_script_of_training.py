"""The script of a training run: NumPy alone, and the engine's numbers of every update to the last bit."""

import contextlib
import io
import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from explorer.config import Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from explorer.engine.clipping import CLIPPERS
from explorer.engine.optimisers import OPTIMISERS
from explorer.engine.shapes import SHAPES
from explorer.engine.shapes.learning import Setup, learn
from explorer.engine.shapes.looking import look
from explorer.engine.tasks import TASKS
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import INITS
from explorer.export.notebook import notebook
from explorer.export.shape_script import shape_script
from explorer.export.training_files import arrays
from explorer.export.training_script import DATA_FILE, training_script
from explorer.lessons.trials import TRIALS
from explorer.training.lab import begin
from explorer.training.recipe import PRECISIONS, UPDATES, Recipe
from tests.test_script import HOSTILE, fresh

SMALL = Config(sequence_length=9, hidden_size=5, batch_size=3, window=4, clip_at=0.3, weight_scale=1.2, text="abcabd")
ONLY = {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": "AVX512F AVX2 FMA3"}


def trained(config=SMALL, recipe=None, vary=("activation", ("tanh", "sigmoid")), updates=6, text=None):
    """A run after so many updates."""
    lab = begin(config, recipe or Recipe(updates=20), vary, text)
    for _ in range(updates):
        lab.step()
    return lab


def ran(text):
    """The names that a script leaves behind, and what it printed."""
    names, printed = {"__name__": "__main__"}, io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate():
        exec(compile(text, "script.py", "exec"), names)
    return names, printed.getvalue()


def same(lab, names):
    """Every number of every update, and the weights, bit for bit; validation where the page looks."""
    for variant in lab.variants:
        curve = names["curves"][variant.name]
        np.testing.assert_array_equal(curve[:, :3].T, list(variant.log().values()))
        looks = {look.number: (look.loss, look.accuracy) for look in variant.looks if look.number > 0}
        for number, judged in looks.items():
            np.testing.assert_array_equal(curve[number - 1, 3:], judged)
        assert np.isnan(curve[[n - 1 for n in range(1, len(curve) + 1) if n not in looks], 3:]).all()
        for name, W in variant.params.items():
            np.testing.assert_array_equal(names["learnt"][variant.name][name], W)
            assert names["learnt"][variant.name][name].dtype == W.dtype


def cases():
    """Every entry of every table at least once, and every cell with every truncation, clipping, task and optimiser."""
    others = zip(*map(itertools.cycle, (ACTIVATIONS, INITS, UPDATES, (*PRECISIONS, "float64"))), strict=True)
    for table, name in ((TRUNCATIONS, "truncation"), (CLIPPERS, "clip"), (TASKS, "task"), (OPTIMISERS, "optimiser")):
        for value, cell in itertools.product(table, CELLS):
            activation, init, update, precision = next(others)
            config = {"cell": cell, "activation": activation, "init": init}
            recipe = {"update": update, "precision": precision, "decay": 0.5}
            (recipe if name == "optimiser" else config)[name] = value
            yield pytest.param(config, recipe, id=f"{value}-{cell}-{activation}-{init}-{update}-{precision}")


@pytest.mark.parametrize(("config", "recipe"), list(cases()))
def test_the_same_numbers_to_the_last_bit(config, recipe):
    lab = trained(replace(SMALL, **config), Recipe(updates=20, **recipe), ("seed", (0, 3)))
    same(lab, ran(training_script(lab))[0])


@pytest.mark.parametrize("name", TRIALS)
def test_the_presets_of_the_page(name):
    """What is compared may be anything; one of these variants diverges."""
    trial = TRIALS[name]
    lab = trained(trial.config, trial.recipe, trial.vary, 30)
    same(lab, ran(training_script(lab))[0])


def test_an_interpreter_without_this_project_prints_the_same(tmp_path):
    lab = trained(updates=25)
    text = training_script(lab)
    assert fresh(text, tmp_path) == ran(text)[1]
    code = notebook(text)
    assert "explorer" not in text.lower().replace("rnn gradient explorer", "")
    assert code.count('"code"') == len([line for line in text.splitlines() if line.startswith("# %% ")])


def test_on_another_processor_the_first_updates_agree(tmp_path, monkeypatch):
    """As far as the page says: other instructions round otherwise, and learning has not yet made much of it."""
    trial = TRIALS["tanh | sigmoid"]
    lab = trained(trial.config, trial.recipe, trial.vary, 90)
    (tmp_path / "script.py").write_text(training_script(lab) + "np.savez('curves.npz', **curves)\n", encoding="utf-8")
    for name, value in ONLY.items():
        monkeypatch.setenv(name, value)
    subprocess.run([sys.executable, "-I", "script.py"], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    with np.load(tmp_path / "curves.npz") as curves:
        for variant in lab.variants:
            wanted = np.array(list(variant.log().values()))
            np.testing.assert_allclose(curves[variant.name][:, :3].T, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("symbols", ["characters", "words"])
@pytest.mark.parametrize("times", [1, 20, 600])
def test_a_text_of_ones_own(times, symbols, tmp_path, monkeypatch):
    """Too short to hold some of it back; written out; from the data file. Whatever was typed is numbers."""
    text = HOSTILE + "the quick brown fox " * times
    lab = trained(replace(SMALL, task="text"), Recipe(updates=20, symbols=symbols), text=text)
    assert (DATA_FILE in training_script(lab)) == (times == 600)
    (tmp_path / DATA_FILE).write_bytes(arrays(lab))
    monkeypatch.chdir(tmp_path)
    same(lab, ran(training_script(lab))[0])


@pytest.mark.parametrize(("name", "cell"), list(zip(SHAPES, itertools.cycle(CELLS), strict=False)))
def test_a_shape_learns_and_answers_the_same(name, cell, monkeypatch):
    monkeypatch.setattr("explorer.engine.shapes.learning.UPDATES", 40)
    shape = SHAPES[name]
    truncation = TRUNCATIONS["block" if cell == "rnn" else "full"]
    setup = Setup(CELLS[cell], ACTIVATIONS["sigmoid"], truncation.keep, 2, 1.5, 3)
    example, listening = shape.task.examples[-1], any(chain.hears_itself for chain in shape.chains)
    names, printed = ran(shape_script({"read": HOSTILE}, shape, setup, example, listening))
    learnt = learn(shape, setup)
    seen = look(shape, setup, learnt, example, listening)
    np.testing.assert_array_equal(names["learnt"].losses, learnt.losses)
    np.testing.assert_array_equal(names["seen"].probs, seen.probs)
    for chain, norms in seen.norms.items():
        for part in norms.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(names["seen"].norms[chain], part), getattr(norms, part))
    assert f"{learnt.losses[-1]:.15g}" in printed
