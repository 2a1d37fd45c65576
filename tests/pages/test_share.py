"""Share on pages that show something else than runs: the link, and files that are made when they are asked for."""

from __future__ import annotations

from tests.pages.conftest import fine, opened


def share_open(at):
    """The page with its popover open."""
    at.session_state["share"] = True
    return fine(at.run())


def test_training_hands_out_its_pictures_and_its_log():
    at = share_open(fine(opened("training", T="5", updates="3", H="4", N="2")))
    assert "T=5" in at.code[0].value
    assert not at.get("download_button")
    (train,) = (button for button in at.button if button.label == "Train")
    fine(train.click().run())
    labels = [button.proto.label for button in at.get("download_button")]
    assert labels[:2] == ["Handout (.html)", "Losses and norms (.csv)"]


def test_shapes_hand_out_their_link_and_their_losses():
    at = share_open(fine(opened("shapes", shape="one-to-one")))
    assert "shape=one-to-one" in at.code[0].value
    assert [button.proto.label for button in at.get("download_button")] == ["Losses (.csv)"]
