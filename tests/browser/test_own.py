"""A network is uploaded in a browser, shown on Explore, and let go; a file that is none gets a sentence."""

import numpy as np

from tests.own.test_read_network import npz, state_dict


def test_upload_explore_let_go(visit, tmp_path):
    good, bad = tmp_path / "mine.npz", tmp_path / "bad.npz"
    good.write_bytes(npz(**state_dict()))
    bad.write_bytes(npz(W=np.ones(3)))
    page = visit("/own", "[data-testid=stFileUploader]")
    upload = page.locator("input[type=file]").first
    upload.set_input_files(bad)
    page.get_by_text("The file has no weight_ih_l0.").wait_for()
    upload.set_input_files(good)
    page.get_by_text("mine.npz · RNN, D = 3, H = 5, O = 4.").wait_for()
    page.get_by_role("link", name="Explore").click()
    page.wait_for_selector(".lb[data-settled=true]")
    page.get_by_text("Hidden states h_t, 5 units").wait_for()
    page.get_by_role("button", name="Let it go").click()
    page.get_by_text("Hidden states h_t, 16 units").wait_for()
