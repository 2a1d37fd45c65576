"""A run as one script that depends on NumPy alone: read it from top to bottom, run it, get the numbers of the page.

Data, first weights, activation, loss, truncation and clipping are the engine's own lines; the loops over time stand
in `loops.py`, once for each cell, as a book would write them: without the axes that let the engine run many networks
at once.
"""

from __future__ import annotations

import pprint
import re
from collections.abc import Sequence

import numpy as np

from explorer.config import DEFAULT, SPECS, Config, variant
from explorer.engine.activations import ACTIVATIONS
from explorer.engine.cells import CELLS, Params
from explorer.engine.clipping import CLIPPERS, global_norm
from explorer.engine.losses import LOSSES
from explorer.engine.tasks import TASKS
from explorer.engine.truncation import TRUNCATIONS
from explorer.engine.weights import INITS
from explorer.export.loops import (
    BPTT,
    BY_MASK,
    CELL_LOOPS,
    CLIPPED,
    FREE,
    GRADIENTS,
    H_ALONE,
    H_AND_C,
    HELPERS,
    OUTPUT,
    REACH,
    REPORT,
)
from explorer.export.source import sources, spelled
from explorer.run import run
from explorer.specs import plain

DATA_FILE = "run.npz"
MOST_LITERAL = 400  # numbers that a script writes out; more come from the data file beside it
STREAMS = "for_weights, for_data, for_cuts = np.random.SeedSequence(SEED).spawn(3)  # three streams of random numbers"
SETTINGS = {  # what the script calls the fields that are numbers in it
    "T": "sequence_length",
    "N": "batch_size",
    "H": "hidden_size",
    "SEED": "seed",
    "WEIGHT_SCALE": "weight_scale",
    "INPUT_SCALE": "input_scale",
    "BIAS": "bias",
    "FORGET_BIAS": "forget_bias",
    "WINDOW": "window",
    "CLIP_AT": "clip_at",
}


def script(config: Config, show: Sequence[str] = (), params: Params | None = None) -> str:
    """The script of a Config as each of the variants `show` (as it is, if none); with `params`, of that network.

    Activations share one script, a cell has one of its own, which stands below. Weights and sequences that somebody
    brought are written out where they are few, else read from DATA_FILE.
    """
    if not show:
        return of_one_cell(config, (config.activation,), params)
    activations = tuple(name for name in show if name in ACTIVATIONS)
    groups = [activations] * bool(activations) + [(name,) for name in show if name not in ACTIVATIONS]
    return "\n\n".join(of_one_cell(variant(config, names[0]), names, params) for names in groups)


def of_one_cell(config: Config, show: tuple[str, ...], params: Params | None) -> str:
    """The script of one cell, a vanilla one under each of the activations `show`."""
    own = params or (run(config).params if config.network else None)
    imports, definitions = sources(*used(config, show, own))
    parts = {
        "What the network reads": data(config, show),
        "Its weights": drawn(config) if own is None else given(own, show),
        "Forward, and backpropagation through time": HELPERS + "\n\n" + loops(config),
        "The numbers of the page": report(config) + "\n\n" + "\n".join(calls(config, show)),
    }
    numpy = [*imports, *[""] * bool(imports), "import numpy as np", ""]
    numpy += ['np.seterr(all="ignore")  # what leaves the range of float64 shows as inf or nan']
    first = {
        "Settings": "\n".join([*numpy, "", *settings(config, "\n".join([STREAMS, *parts.values()])), STREAMS]),
        "The functions that it is made of": "\n\n\n".join(definitions),
    }
    return heading(config) + "\n".join(
        f"\n# %% {title}\n\n{text.rstrip()}\n" for title, text in (first | parts).items()
    )


def heading(config: Config) -> str:
    """What it is, and the settings that are not the defaults: comments, whatever was typed."""
    lines = ["RNN gradient explorer: a run in NumPy alone. It prints what the page shows.", ""]
    for name, spec in SPECS.items():
        if getattr(config, name) != getattr(DEFAULT, name):
            lines.append(f"{spec.label}: {getattr(config, name)!a}")
    lines.append("T steps, N sequences, D inputs, H hidden units, O outputs; arrays are (T, N, .), vectors are rows.")
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def settings(config: Config, body: str) -> list[str]:
    """The settings that these lines use."""
    return [
        f"{name} = {plain(getattr(config, SETTINGS[name]))}" for name in SETTINGS if re.search(rf"\b{name}\b", body)
    ]


def used(config: Config, show: Sequence[str], own: Params | None) -> list:
    """The engine's functions that this run is made of."""
    truncation = TRUNCATIONS[config.truncation]
    functions = [] if config.network or config.reading else [TASKS[config.task].make]
    functions += [INITS[config.init]] if own is None else []
    functions += CELL_LOOPS[config.cell].uses
    show = () if CELLS[config.cell].gated else show
    functions += [f for name in show for f in (ACTIVATIONS[name].phi, ACTIVATIONS[name].dphi)]
    return [*functions, LOSSES[config.loss], truncation.keep or truncation.mask, global_norm, CLIPPERS[config.clip]]


# ------------------------------------------------------------------------------------------------ data and weights


def data(config: Config, show: Sequence[str]) -> str:
    """xs, targets, and the steps at which a loss is taken."""
    if config.network or config.reading:
        trace = run(config)
        lines = arrays({"xs": trace.xs, "targets": trace.targets}, "")
    else:
        read = ascii(config.text) if config.task == "text" else '""'
        lines = ["rngs = [np.random.default_rng(stream) for stream in for_data.spawn(N)]  # one per sequence"]
        lines += [f"xs, targets, symbols, classes = {TASKS[config.task].make.__name__}(T, N, {read}, rngs)"]
    mask = "np.ones(T)" if config.loss_at == "every" else "(np.arange(T) == T - 1) * 1.0"
    return "\n".join([*lines, f"loss_mask = {mask}  # 1 at the steps at which a loss is taken"])


def drawn(config: Config) -> str:
    """The engine's `draw_params`, written out for this cell: W_hh first, gates from a stream of their own."""
    cell, init = CELLS[config.cell], INITS[config.init].__name__
    gates = [block for block in cell.blocks if block != cell.candidate]
    bias, *others = (name for name, shape in cell.shapes(1, 1).items() if len(shape) == 1)
    first = ["D, O = xs.shape[-1], len(classes)", "rng = np.random.default_rng(for_weights)"]
    readout = "W_hy, b_y = rng.normal(size=(H, O)) / np.sqrt(H), np.zeros(O)"
    if not gates:
        own = [f"W = {init}(rng, H)", readout, "W_hh, W_xh = WEIGHT_SCALE * W, INPUT_SCALE * rng.normal(size=(D, H))"]
        return "\n".join([*first, *own, f"{bias} = np.full(H, float(BIAS))"])
    lines = [
        *first,
        "(for_gates,) = rng.spawn(1)  # gates have a stream of their own",
        f"W_h{cell.candidate} = {init}(rng, H)",
        readout,
        f"W_x{cell.candidate} = rng.normal(size=(D, H))",
        *(f"W_h{gate} = {init}(for_gates, H)" for gate in gates),
        *(f"W_x{gate} = for_gates.normal(size=(D, H))" for gate in gates),
        f"W_hh = WEIGHT_SCALE * np.hstack([{', '.join(f'W_h{block}' for block in cell.blocks)}])",
        f"W_xh = INPUT_SCALE * np.hstack([{', '.join(f'W_x{block}' for block in cell.blocks)}])",
    ]
    values = ", ".join("FORGET_BIAS" if block == cell.keeper else "BIAS" for block in cell.blocks)
    lines += [f"{bias} = np.repeat([{values}], H)", *(f"{name} = np.zeros({len(cell.blocks)} * H)" for name in others)]
    return "\n".join(lines)


def given(params: Params, show: Sequence[str]) -> str:
    """Weights as they are."""
    return "\n".join([*arrays(params, f"{show[0]}."), "W, WEIGHT_SCALE = W_hh, 1.0"])


def arrays(named: dict[str, np.ndarray], prefix: str) -> list[str]:
    """Lines that make these arrays: written out if they are small, else out of the data file under prefix + name."""
    if sum(array.size for array in named.values()) > MOST_LITERAL:
        lines = [f'file = np.load("{DATA_FILE}")  # the data of the same run: put it beside this script']
        return lines + [f'{name} = file["{prefix}{name}"]' for name in named]
    return [f"{name} = np.array({pprint.pformat(array.tolist(), 108, compact=True)})" for name, array in named.items()]


# ------------------------------------------------------------------------------------------------ loops and numbers


def loops(config: Config) -> str:
    """The function `run` of the script."""
    cell, truncation, by_step = CELL_LOOPS[config.cell], TRUNCATIONS[config.truncation], CLIPPERS[config.clip] is None
    words = {"state": cell.state, "sums": cell.sums, **(H_ALONE if cell.state == "H" else H_AND_C)}
    words |= {name: line.format(**words) for name, line in (CLIPPED if by_step else FREE).items()}
    back = "bptt" if truncation.keep else "by_mask"
    pattern = spelled(truncation.keep or truncation.mask) + "(T, WINDOW, np.random.default_rng(for_cuts))"
    parts = [
        f"def run({'' if CELLS[config.cell].gated else 'phi, dphi'}):\n"
        '    """One network: losses, full and truncated gradient, and how far each loss reaches back."""\n'
        + cell.forward
        + OUTPUT.format(loss=LOSSES[config.loss].__name__),
        cell.step_back,
        GRADIENTS.format(cell=cell.gradients),
        BPTT.format(**words),
        *([] if truncation.keep else [BY_MASK.format(**words)]),
        REACH.format(**words),
        f"    cut = {pattern}\n"
        f"    return losses * loss_mask, bptt(np.ones(T)), {back}(cut), {f'{back}(cut, CLIP_AT), ' * by_step}reach",
    ]
    return "\n".join(parts)


def report(config: Config) -> str:
    """The function that prints; ρ and σ_max where there is one matrix to have them."""
    vanilla = not CELLS[config.cell].gated
    rates = ", rho {rho:.15g}, sigma_max {sigma_max:.15g}" if vanilla else ""
    clipper = CLIPPERS[config.clip]  # or None: clipped at every step on the way back, by `run`
    made = REPORT.format(
        phi=", phi, dphi" * vanilla,
        phi_only="phi, dphi" * vanilla,
        rates=rates,
        clipped="" if clipper else "(_, clipped), ",
        clip=f"{clipper.__name__}(cut_grads, CLIP_AT)" if clipper else "clipped",
        of="cut_grads" if clipper else "clipped",
    )
    if not vanilla:
        return made
    return (
        "rho = WEIGHT_SCALE * np.abs(np.linalg.eigvals(W)).max()\n"
        "sigma_max = WEIGHT_SCALE * np.linalg.svd(W, compute_uv=False)[0]\n\n\n" + made
    )


def calls(config: Config, show: Sequence[str]) -> list[str]:
    """One report per activation."""
    if CELLS[config.cell].gated:
        return [f'report("{config.cell}")']
    return [f'report("{n}", {spelled(ACTIVATIONS[n].phi)}, {spelled(ACTIVATIONS[n].dphi)})' for n in show]
