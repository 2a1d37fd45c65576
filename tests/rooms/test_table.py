"""The answers as CSV."""

import csv
import io

import pytest

from explorer.rooms.table import as_csv


def test_rows_come_back():
    text = as_csv(("student", "answer"), [(1, "a, “b”\nc"), (2, -1.5), (3, [1, -2]), (4, "")])
    assert list(csv.reader(io.StringIO(text))) == [
        ["student", "answer"],
        ["1", "a, “b”\nc"],
        ["2", "-1.5"],
        ["3", "[1, -2]"],
        ["4", ""],
    ]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"])
def test_no_text_is_a_formula(formula):
    ((got,),) = csv.reader(io.StringIO(as_csv((formula,), []), newline=""))
    assert got == "'" + formula
