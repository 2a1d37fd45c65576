"""A sequence that somebody brings: bytes of an .npy, .csv or text file → `Reading`, or a sentence on what is wrong."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from explorer.engine.own import Network, Reading
from explorer.engine.storage import load_npy
from explorer.engine.tasks import coded, one_hot
from explorer.own.read_network import WIDEST, within
from explorer.specs import short

LONGEST = 100_000  # steps of a file
KEPT = 2_000  # of them are read: no run is longer


def read_sequence(data: bytes, name: str, network: Network | None = None) -> Reading:
    """The sequence in an .npy, .csv or text file; ValueError says what is wrong with it.

    Whole numbers without a decimal point in one row or column are codes of symbols, read one-hot; anything else is a
    table, a row per step. A column called "target" holds the class that is asked for after each step.
    """
    within(data)
    if name.lower().endswith(".npy"):
        return sequence_of(load_npy(data), name, network)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"Byte {error.start + 1} of {short(name)} is no UTF-8: save the file as UTF-8") from error
    return from_csv(text, name, network) if name.lower().endswith(".csv") else from_text(text, name)


def sequence_of(values: np.ndarray, name: str, network: Network | None, targets: np.ndarray | None = None) -> Reading:
    """Codes (length,) or inputs (length, D) as a sequence."""
    if values.dtype.kind not in "fiu":
        raise ValueError(f"{short(name)} holds {values.dtype}, expected numbers (float or int)")
    if values.ndim not in (1, 2) or not values.size:
        raise ValueError(f"{short(name)} has shape {values.shape}, expected (steps, inputs), or (steps,) of codes")
    check_length(len(values), name)
    if values.ndim == 1 and values.dtype.kind in "iu":
        return from_codes(values, name, network, targets)
    xs = values.reshape(len(values), -1)[:KEPT].astype(float)
    if xs.shape[1] > WIDEST:
        raise ValueError(f"{short(name)} has {xs.shape[1]:,} inputs a step: bring {WIDEST} at most")
    if not np.isfinite(xs).all():
        t, d = (int(i) + 1 for i in np.argwhere(~np.isfinite(xs))[0])
        raise ValueError(f"{short(name)} holds {xs[t - 1, d - 1]} at step {t}, input {d}: bring finite numbers")
    return Reading(called(name, len(values)), xs, None if targets is None else targets[:KEPT])


def from_codes(codes: np.ndarray, name: str, network: Network | None, targets: np.ndarray | None) -> Reading:
    """Symbols by number: one-hot, as wide as the network's input; the next one is asked for if it can be answered."""
    width = network.inputs if network else int(codes.max()) + 1
    if codes.min() < 0 or codes.max() >= min(width, WIDEST):
        raise ValueError(
            f"{short(name)} holds codes from {codes.min()} to {codes.max()}: number the symbols from 0 to "
            f"{min(width, WIDEST) - 1}" + (", the network's inputs" if network else "")
        )
    codes = codes.astype(np.int64)
    if targets is None and (network is None or network.outputs in (None, width)):
        targets = np.roll(codes, -1)
    return symbolic(name, codes, width, targets, [str(i) for i in range(width)])


def from_text(text: str, name: str) -> Reading:
    """Characters (Unicode NFC), one-hot in order of first appearance; the next one is asked for."""
    text = unicodedata.normalize("NFC", text.rstrip("\r\n"))
    check_length(len(text), name)
    alphabet = tuple(dict.fromkeys(text))
    if not 2 <= len(alphabet) <= WIDEST:
        raise ValueError(f"{short(name)} has {len(alphabet)} different characters: bring a text with 2 to {WIDEST}")
    codes = coded(text, alphabet)
    return symbolic(name, codes, len(alphabet), np.roll(codes, -1), alphabet)


def symbolic(name: str, codes: np.ndarray, D: int, targets: np.ndarray | None, alphabet: Sequence[str]) -> Reading:
    """Codes (length,) one-hot, with their names."""
    kept = codes[:KEPT]
    asked = None if targets is None else targets[:KEPT]
    return Reading(called(name, len(codes)), one_hot(kept, D), asked, [alphabet[c] for c in kept], alphabet)


def called(name: str, steps: int) -> str:
    """The name of a sequence, which says what is left out."""
    return name if steps <= KEPT else f"{name}, the first {KEPT:,} of {steps:,} steps"


def from_csv(text: str, name: str, network: Network | None) -> Reading:
    """A row per step, cells between commas, semicolons or tabs; a first row of names is optional."""
    check_length(sum(1 for _ in islice(lines_of(text), LONGEST + 1)), name)
    lines = list(lines_of(text))
    mark = next((mark for mark in "\t;" if mark in lines[0]), ",")
    width = lines[0].count(mark) + 1
    if width > WIDEST + 1:  # a target may stand beside the inputs
        raise ValueError(f"{short(name)} has {width:,} inputs a step: bring {WIDEST} at most")
    table = [[cell.strip().strip('"') for cell in line.split(mark)] for line in lines]
    names = []
    if not any(is_number(cell) for cell in table[0]):
        names = [cell.lower() for cell in table.pop(0)]
    check_length(len(table), name)
    for row, cells in enumerate(table, start=1 + bool(names)):
        if len(cells) != width:
            raise ValueError(f"Row {row} of {short(name)} has {len(cells)} cells, the first has {width}")
        wrong = next((cell for cell in cells if not is_number(cell)), None)
        if wrong is not None:
            raise ValueError(f"Row {row} of {short(name)} holds {short(wrong)}, expected a number")
    targets = None
    if "target" in names:
        column = names.index("target")
        targets = classes([cells.pop(column) for cells in table], name)
    if not table[0]:
        raise ValueError(f"{short(name)} has targets but no inputs: add a column per input")
    whole = len(table[0]) == 1 and all(cell[0].lstrip("+-").isdecimal() for cell in table)
    values = np.array([cell[0] for cell in table] if whole else table, dtype=float)
    if whole and np.abs(values).max() < 2**31:
        return sequence_of(values.astype(np.int64), name, network, targets)
    return sequence_of(values, name, network, targets)


def lines_of(text: str) -> Iterator[str]:
    """The lines that are not empty, one at a time: a file may have millions."""
    return (line for line in io.StringIO(text, newline=None) if line.strip())


def classes(cells: list[str], name: str) -> np.ndarray:
    """The targets of a .csv file: whole numbers from 0."""
    values = np.array(cells, dtype=float)
    if not ((values >= 0) & (values < WIDEST) & (values == np.floor(values))).all():
        raise ValueError(f"The column “target” of {short(name)} has to hold classes: 0, 1, … up to {WIDEST - 1}")
    return values.astype(np.int64)


def is_number(cell: str) -> bool:
    """Whether a cell of a table reads as a number; NaN and ∞ do, and are told apart later."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def check_length(steps: int, name: str) -> None:
    """ValueError for a sequence without a step, or with too many."""
    if not 1 <= steps <= LONGEST:
        found = f"{steps:,}" if steps <= LONGEST else f"more than {LONGEST:,}"
        raise ValueError(f"{short(name)} has {found} steps: bring 1 to {LONGEST:,}")
