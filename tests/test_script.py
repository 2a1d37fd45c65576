"""The exported script: run by an interpreter that knows NumPy alone, it prints the numbers of `run`, to 1e-12."""

import contextlib
import io
import itertools
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from explorer.config import SPECS, Config
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from explorer.engine.clipping import CLIPPERS
from explorer.engine.tasks import TASKS
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import INITS
from explorer.export.data import npz
from explorer.export.notebook import notebook
from explorer.export.script import DATA_FILE, script
from explorer.run import compare, run
from explorer.specs import Choice
from tests.own.test_own_network import network, reading

SMALL = Config(sequence_length=13, hidden_size=5, batch_size=2, window=4, weight_scale=1.7, bias=0.1, text="abcab")
HOSTILE = "\"\"\"'''\n\\import os; os.abort()  # {0} %s \u2028é💥 <script>"


def fresh(text, folder):
    """What the script prints in a new interpreter, isolated from this project, in a folder of its own."""
    (folder / "script.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "script.py"], cwd=folder, capture_output=True, text=True, timeout=60, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def here(text):
    """What it prints in this process: for many of them."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), np.errstate():
        exec(compile(text, "script.py", "exec"), {"__name__": "__main__"})
    return printed.getvalue()


def agrees(printed, traces):
    """Every number that is printed is the run's, to 1e-12."""
    reports = iter(printed.splitlines())
    for name, trace in traces.items():
        first = next(reports)
        assert first.startswith(f"{name}: loss ")
        totals = [trace.loss] if trace.rho is None else [trace.loss, trace.rho, trace.sigma_max]
        close([float(word) for word in first.replace(",", "").split() if is_number(word)], totals)
        next(reports)
        T = len(trace.losses)
        table = np.array([next(reports).split() for _ in range(T)], dtype=float)
        used = trace.used
        columns = (np.arange(T) + 1.0, trace.losses, trace.full.log10_dh_norms, used.log10_dh_norms, trace.last_row)
        close(table, np.stack(columns, axis=1))
        next(reports)
        for key in (*trace.params, "all"):
            word, *numbers = next(reports).split()
            assert word == key
            found = [g.norm if key == "all" else g.norms[key] for g in (trace.full, used, trace.clipped) if g]
            close([float(x) for x in numbers], found)
    assert list(reports) == []


def close(got, wanted):
    np.testing.assert_allclose(got, wanted, rtol=1e-12, atol=1e-12)


def is_number(word):
    with contextlib.suppress(ValueError):
        float(word)
        return True
    return False


def shown(config):
    """Every activation, for a cell that has one to choose."""
    return tuple(ACTIVATIONS) if config.cell == "rnn" else (config.cell,)


def traces_of(config):
    return compare(config, shown(config))


EVERY_CHOICE = [
    {name: option}
    for name, spec in SPECS.items()
    if isinstance(spec, Choice) and name != "activation"
    for option in spec.options
]


@pytest.mark.parametrize("choice", EVERY_CHOICE, ids=lambda choice: "-".join(*choice.items()))
def test_every_choice_of_every_control_in_a_fresh_interpreter(choice, tmp_path):
    config = replace(SMALL, **choice)
    agrees(fresh(script(config, shown(config)), tmp_path), traces_of(config))


TOGETHER = list(
    zip(
        itertools.product(CELLS, ("last", "every"), TRUNCATIONS, TASKS),
        itertools.cycle(itertools.product(INITS, CLIPPERS)),
        strict=False,
    )
)


@pytest.mark.parametrize(("choices", "others"), TOGETHER, ids=lambda names: "-".join(names))
def test_choices_together(choices, others):
    """Every cell with every loss, truncation and task; inits and clippers, which these do not ask about, in turn."""
    cell, loss_at, truncation, task = choices
    init, clip = others
    config = replace(SMALL, cell=cell, loss_at=loss_at, truncation=truncation, task=task, init=init, clip=clip)
    agrees(here(script(config, shown(config))), traces_of(config))


def test_choices_together_know_every_init_with_every_clipper():
    """For every cell."""
    met = {(cell, *others) for (cell, *_), others in TOGETHER}
    assert met == set(itertools.product(CELLS, INITS, CLIPPERS))


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        Config(sequence_length=1, hidden_size=1),
        Config(sequence_length=200, hidden_size=64, weight_scale=5, loss_at="every"),  # chaos: any rounding would show
        Config(sequence_length=200, hidden_size=16, weight_scale=0.2, truncation="sliding"),  # below float64
        Config(sequence_length=120, init="non-normal", batch_size=7, truncation="randomised", seed=123),
    ],
    ids=["default", "smallest", "chaotic", "vanishing", "non-normal"],
)
def test_at_the_sizes_of_a_page(config, tmp_path):
    text = script(config, ("tanh", "sigmoid"))
    agrees(fresh(text, tmp_path), compare(config))


def test_an_overflow_is_printed_and_not_hidden(tmp_path):
    config = Config(activation="relu", weight_scale=100, sequence_length=300)
    printed = fresh(script(config), tmp_path)
    assert not np.isfinite(run(config).loss)
    assert "nan" in printed or "inf" in printed


def test_cells_beside_one_another(tmp_path):
    """As the page of gated cells compares them; and the notebook of all of them."""
    show = ("tanh", "relu", "lstm", "gru")
    text = script(SMALL, show)
    agrees(fresh(text, tmp_path), compare(SMALL, show))
    code = ["".join(c["source"]) for c in json.loads(notebook(text))["cells"] if c["cell_type"] == "code"]
    agrees(here("\n".join(code)), compare(SMALL, show))


def test_hostile_text_is_data(tmp_path):
    config = replace(SMALL, task="text", text=HOSTILE)
    agrees(fresh(script(config), tmp_path), {"tanh": run(config)})


@pytest.mark.parametrize("own", [network(D=3), network(D=9, H=30, O=11)], ids=["written out", "from the data file"])
@pytest.mark.parametrize("sequence", [None, reading(D=3)], ids=["noise", "sequence"])
def test_a_network_of_ones_own(own, sequence, tmp_path):
    if sequence is not None and own.inputs != 3:
        sequence = reading(D=9, length=40)
    config = replace(SMALL, network=own, reading=sequence)
    (tmp_path / DATA_FILE).write_bytes(npz(compare(config, ("tanh",))))
    agrees(fresh(script(config, ("tanh",)), tmp_path), {"tanh": run(config)})


def test_weights_that_were_typed(tmp_path):
    config = replace(SMALL, truncation="full")
    params = {name: W + 0.01 for name, W in run(config).params.items()}
    agrees(fresh(script(config, params=params), tmp_path), {"tanh": run(config, params)})


def test_it_reads_as_a_book():
    """Short, in this order, no line too long; every constant is used."""
    text = script(Config())
    lines = text.splitlines()
    assert len([line for line in lines if line.strip()]) < 190
    assert max(map(len, lines)) <= 120
    titles = [line.removeprefix("# %% ") for line in lines if line.startswith("# %% ")]
    assert titles[0] == "Settings"
    assert titles[-1] == "The numbers of the page"
    assert "explorer" not in text.split("\n", 1)[1].lower()


def test_the_notebook_is_the_script_cell_by_cell():
    """nbformat 4: what its schema requires, and code that prints the same."""
    text = script(Config(), ("tanh", "sigmoid"))
    made = json.loads(notebook(text))
    assert {"cells", "metadata", "nbformat", "nbformat_minor"} == set(made)
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert made["metadata"]["kernelspec"]["name"] == "python3"
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    for cell in made["cells"]:
        code = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"cell_type", "id", "metadata", "source"} | code
        assert cell["cell_type"] in ("code", "markdown")
        assert isinstance(cell["source"], list)
        assert all(isinstance(line, str) for line in cell["source"])
    code = ["".join(cell["source"]) for cell in made["cells"] if cell["cell_type"] == "code"]
    agrees(here("\n".join(code)), compare(Config()))
