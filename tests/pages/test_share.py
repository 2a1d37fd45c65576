"""What every page hands out: its link, and files, made when they are asked for. No page may lack one silently."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from explorer.export import downloads, menu
from explorer.texts import words
from tests.pages.conftest import PAGES, fine, opened

KINDS = ("html", "py", "ipynb", "csv", "npz")
NO_DATA = {
    "own": "it loads what the other pages show",
    "lessons": "its figures have their own buttons; their runs are Explore's",
    "room": "its data are answers: a CSV, see test_room.py",
}
ONE_DRAWING = ("shapes",)  # its handout is the drawing, which has a button of its own
SMALL = {"training": {"T": "5", "updates": "3", "H": "4", "N": "2"}, "shapes": {"shape": "one-to-one"}}


@pytest.fixture
def offered(monkeypatch):
    """The files that a page has put behind buttons: {name: what makes it}."""
    made = {}
    buttons = menu.buttons

    def noted(files):
        made.update({name: make for make, name, _ in files.values()})
        buttons(files)

    monkeypatch.setattr(menu, "buttons", noted)
    monkeypatch.setattr(downloads, "buttons", noted)
    return made


def share_open(page, begun=True, **query):
    """A page that shows something, with its popover open."""
    at = fine(opened(page, **SMALL.get(page, {}), **query))
    if page == "training" and begun:
        (train,) = (button for button in at.button if button.label == words("training.train"))
        fine(train.click().run())
    at.session_state["share"] = True
    return fine(at.run())


@pytest.mark.parametrize("page", [path.stem for path in PAGES if path.stem not in NO_DATA])
def test_every_page_with_data_hands_out_every_kind_of_file(page, offered):
    """Made here as when their buttons are pressed."""
    at = share_open(page)
    files = {name.rpartition(".")[2]: make() for name, make in offered.items()}
    assert sorted(files) == sorted(KINDS)
    titles = [button.proto.label for button in at.get("download_button")]
    assert (words("share.figure") in titles) == (page not in ONE_DRAWING)
    assert "<h1>" in files["html"]
    compile(files["py"], page, "exec")
    assert json.loads(files["ipynb"])["nbformat"] == 4
    assert files["csv"].count("\n") > 1
    with np.load(io.BytesIO(files["npz"])) as file:
        assert len(file.files) > 2
        assert len(str(file["README"]).splitlines()) == len(file.files), "a line for each array, and one for all"


def test_pages_without_data_are_known():
    """A page that gets data has to leave the list."""
    assert set(NO_DATA) <= {path.stem for path in PAGES}
    for page in NO_DATA:
        assert not fine(opened(page)).get("download_button")


def test_training_hands_out_nothing_before_it_begins(offered):
    at = share_open("training", begun=False)
    assert "T=5" in at.code[0].value
    assert not at.get("download_button")
