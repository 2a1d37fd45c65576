"""Recurrent cells. `contract.py` says what a cell is; each has a file of its own and an entry in this table."""

from __future__ import annotations

from explorer.engine.cells.contract import Cell, Params, columns, laid_out_for_backward
from explorer.engine.cells.gru import GRU
from explorer.engine.cells.lstm import LSTM
from explorer.engine.cells.rnn import RNN

__all__ = ("CELLS", "Cell", "Params", "columns", "laid_out_for_backward")

CELLS: dict[str, Cell] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
