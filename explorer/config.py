"""`Config`: one field per control. Its default, range, label, help and URL name stand on one line of this table,
and nowhere else; widgets, URL, error messages and tests are derived from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS
from explorer.engine.clipping import CLIPPERS
from explorer.engine.own import Network, Reading
from explorer.engine.tasks import TASKS
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import INITS
from explorer.specs import MAX_TEXT, Choice, ConfigError, Number, Spec, Text, plain, preferred, setting, short, spec_of

CLIP_TITLES = {
    "norm": "by global norm",
    "parameter": "by norm per parameter",
    "value": "by value",
    "step": "per step",
}
TASK_TITLES = {name: task.title for name, task in TASKS.items()}
CELL_TITLES = {name: cell.title for name, cell in CELLS.items()}


@dataclass(frozen=True)
class Config:
    """Everything that determines a run. Frozen and hashable: a Config is a cache key, and a URL.

    A bad value raises ConfigError (a ValueError) that names the field, the value, the allowed range and the remedy.

    `network` and `reading` are what somebody brought, instead of what is drawn and of a task. They are no settings:
    no URL holds them. A network brings its own cell and H; where it cannot read the task, it reads noise of its size.
    """

    cell: str = setting("rnn", Choice("Cell", "cell", "The recurrent cell.", CELLS, CELL_TITLES))
    activation: str = setting(
        "tanh",
        Choice(
            "Activation φ",
            "phi",
            "h = φ(a) of the RNN. LSTM and GRU have σ and tanh by definition: there it changes nothing.",
            ACTIVATIONS,
        ),
    )
    task: str = setting("dogs", Choice("Task", "task", "What the network reads and is asked for.", TASKS, TASK_TITLES))
    text: str = setting(
        "the quick brown fox ",
        Text(
            "Your text",
            "text",
            f"2 to {MAX_TEXT:,} characters, any alphabet (each Unicode code point is a symbol); "
            "repeated or cropped to T steps.",
        ),
    )
    sequence_length: int = setting(
        50, Number("Sequence length T", "T", "Steps through time.", 1, 1000, True, tuple(range(2, 201)))
    )
    batch_size: int = setting(
        1, Number("Batch size N", "N", "Sequences side by side.", 1, 64, whole=True, advanced=True)
    )
    hidden_size: int = setting(
        16, Number("Hidden units H", "H", "Size of the state h.", 1, 256, True, tuple(range(2, 65)))
    )
    weight_scale: float = setting(
        1.0,
        Number(
            "Weight scale",
            "scale",
            "Multiplies W_hh. ρ equals it for orthogonal and identity, and is near it for gaussian and uniform if H is "
            "large.",
            0,
            100,
            grid=preferred(0.1, 16),
        ),
    )
    input_scale: float = setting(
        1.0, Number("Input scale", "inscale", "Multiplies W_xh.", 0, 100, grid=preferred(0.1, 10), advanced=True)
    )
    init: str = setting(
        "gaussian",
        Choice(
            "Init of W_hh",
            "init",
            "How the recurrent weights are drawn, for every gate a block of its own.",
            INITS,
            advanced=True,
        ),
    )
    bias: float = setting(
        0.0,
        Number(
            "Hidden bias b_h",
            "bias",
            "The same for every unit, and every gate but the one of the forget bias.",
            -100,
            100,
            advanced=True,
        ),
    )
    forget_bias: float = setting(
        1.0,
        Number(
            "Forget bias",
            "fbias",
            "Bias of the gate that keeps the old state: the LSTM's forget gate f, the GRU's update gate z.",
            -100,
            100,
            grid=tuple(n / 4 for n in range(-16, 25)),
            advanced=True,
        ),
    )
    loss_at: str = setting(
        "last", Choice("Loss at", "loss", "Only at the last step, or at every step.", ("last", "every"), advanced=True)
    )
    truncation: str = setting(
        "block", Choice("Truncation", "trunc", "How backpropagation through time is cut.", TRUNCATIONS)
    )
    window: int = setting(
        10,
        Number(
            "Window",
            "window",
            "Block: steps per block. Sliding: states that each loss reaches, its own included. Randomised: a cut "
            "before each step with probability 1/window. For block and sliding, T or more cuts nothing.",
            1,
            1000,
            True,
            tuple(range(1, 201)),
        ),
    )
    clip: str = setting(
        "norm", Choice("Clipping", "clip", "How the gradient is clipped before an update.", CLIPPERS, CLIP_TITLES)
    )
    clip_at: float = setting(
        1.0,
        Number(
            "Clip threshold", "clip_at", "Largest norm (or entry) let through.", 1e-6, 1e6, grid=preferred(0.01, 100)
        ),
    )
    seed: int = setting(0, Number("Seed", "seed", "Weights and data are drawn from it.", 0, 2**31 - 1, whole=True))
    network: Network | None = None
    reading: Reading | None = None

    def __post_init__(self) -> None:
        if self.network is not None:
            self._take(self.network)
        for name, spec in SPECS.items():
            object.__setattr__(self, name, spec.check(name, getattr(self, name)))
        least = TRUNCATIONS[self.truncation].min_window
        if self.window < least:
            raise ConfigError(
                "window",
                f"window = {self.window} is too short for {self.truncation} truncation: choose {least} or more",
            )

    def _take(self, network: Network) -> None:
        """What a network of one's own decides."""
        object.__setattr__(self, "cell", network.cell)
        object.__setattr__(self, "hidden_size", network.hidden)
        if self.reading is not None:
            check_together(network, self.reading)
        elif not network.fits(TASKS[self.task].make(1, 1, self.text, [np.random.default_rng(0)])):
            object.__setattr__(self, "task", "noise")

    @property
    def loss(self) -> str:
        """The name in LOSSES of what this run takes at a step."""
        if self.reading is not None:
            return "cross_entropy"
        if self.task == "noise" and self.network is not None and self.network.outputs == 1:
            return "squared_error"  # one output is a number: as a probability it would always be 1
        return TASKS[self.task].loss


def check_together(network: Network, reading: Reading) -> None:
    """ConfigError unless the network can read the sequence and has an output for each of its targets."""
    if reading.inputs != network.inputs:
        raise ConfigError(
            "reading",
            f"The sequence {short(reading.name)} has {reading.inputs} inputs a step, the network {short(network.name)} "
            f"reads {network.inputs}: bring one with {network.inputs} columns",
        )
    if network.outputs is not None and (reading.outputs or 0) > network.outputs:
        raise ConfigError(
            "reading",
            f"The sequence {short(reading.name)} asks for class {reading.outputs}, the network {short(network.name)} "
            f"has {network.outputs} outputs: number the classes from 0 to {network.outputs - 1}",
        )


SPECS: dict[str, Spec] = {f.name: spec_of(f) for f in fields(Config) if f.metadata}
DEFAULT = Config()

# What pages compare: the vanilla cell under each activation, and the cells that have no activation to choose.
VARIANTS: dict[str, dict[str, str]] = {
    **{name: {"cell": "rnn", "activation": name} for name in ACTIVATIONS},
    **{name: {"cell": name, "activation": DEFAULT.activation} for name, cell in CELLS.items() if cell.gated},
}


def variant(config: Config, name: str) -> Config:
    """The same settings for one of VARIANTS; ConfigError if there is none of that name."""
    Choice("Variant", "show", "What is compared.", VARIANTS).check("variant", name)
    return replace(config, **VARIANTS[name])


def to_query(config: Config, default: Config = DEFAULT) -> dict[str, str]:
    """URL parameters for what differs from the defaults."""
    values = {name: getattr(config, name) for name in SPECS}
    return {
        SPECS[name].url: value if isinstance(value, str) else plain(value)
        for name, value in values.items()
        if value != getattr(default, name)
    }


def from_query(
    query: Mapping[str, str], default: Config = DEFAULT, specs: Mapping[str, Spec] = SPECS
) -> tuple[Config, list[str]]:
    """The Config a URL stands for, and one sentence per value that could not be used (the default stands in for it).

    A page may have a default of its own, and narrower `specs`.
    """
    values, problems = {}, []

    def refuse(error: ConfigError, where: str) -> None:
        values.pop(error.field, None)
        problems.append(f"{where}: {error}. The default, {short(getattr(default, error.field))}, is used.")

    for name, spec in specs.items():
        if spec.url in query:
            try:
                values[name] = spec.parse(name, query[spec.url])
            except ConfigError as error:
                refuse(error, f"URL parameter {spec.url}")
    try:
        return replace(default, **values), problems
    except ConfigError as error:  # values that are fine one by one but not together
        refuse(error, "URL")
        return replace(default, **values), problems
