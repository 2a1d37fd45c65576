"""The Share popover in a browser: its files arrive, open offline, and the link brings back what was on the screen."""

import contextlib
import subprocess
import sys

import pytest

REST = "[data-test-script-state=notRunning]"  # a button that is about to be drawn anew would not take the click
PATHS = ("/?scale=2&T=12&H=4", "/flow?T=12&H=4", "/by_hand", "/regimes?T=12&H=4")  # tests/pages has all of them


@pytest.mark.parametrize("path", PATHS)
def test_files_arrive(visit, path, tmp_path):
    page = visit(path, "[data-testid=stPopoverButton]")
    page.wait_for_selector(REST)
    page.get_by_test_id("stPopoverButton").filter(has_text="Share").click()
    page.get_by_role("button", name="All arrays (.npz)").wait_for()
    page.wait_for_selector(REST)
    for label in ("Handout (.html)", "Script (.py)", "Notebook (.ipynb)", "Time series (.csv)", "All arrays (.npz)"):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        download.value.save_as(tmp_path / label)
        assert (tmp_path / label).stat().st_size > 500
    (tmp_path / "script.py").write_bytes((tmp_path / "Script (.py)").read_bytes())
    done = subprocess.run([sys.executable, "-I", "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "loss " in done.stdout
    opens_offline(page.context.browser, tmp_path / "Handout (.html)")


def test_the_diagram_of_shapes_goes_along(visit, tmp_path):
    """In the handout with its slider; as an SVG that looks the same without the page's style."""
    page = visit("/shapes?shape=one-to-one&updates=20", ".sh[data-painted='20']")
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    svg = download.value.path().read_text(encoding="utf-8")
    assert ".sh-box" in svg
    assert "var(" not in svg
    page.get_by_test_id("stPopoverButton").filter(has_text="Share").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Handout (.html)").click()
    download.value.save_as(tmp_path / "shapes.html")
    with offline(page.context.browser, tmp_path / "shapes.html") as handout:
        assert handout.locator(".sh-answer").first.text_content() == page.locator(".sh-answer").first.text_content()
        handout.locator("#sh-updates").press("End")
        handout.wait_for_selector(".sh[data-painted='300']")


def opens_offline(browser, file):
    """Every picture is drawn."""
    (file.parent / "handout.html").write_bytes(file.read_bytes())
    with offline(browser, file.parent / "handout.html") as page:
        page.wait_for_function(
            "[...document.querySelectorAll('.plot')].every(node => node.querySelector('.main-svg'))", timeout=20_000
        )
        assert page.locator(".plot").count() >= 2


@contextlib.contextmanager
def offline(browser, file):
    """A file in a browser without a network: nothing fails, nothing is asked for."""
    context = browser.new_context(offline=True)
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda request: request.url.startswith("http") and faults.append(request.url))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert faults == []


def test_a_picture_of_the_board_as_svg(visit, tmp_path):
    """With the heatmap, which Plotly itself does not draw on the board."""
    page = visit("/?T=12&H=4", ".lb[data-settled=true]")
    stage = page.locator(".lb-stage").first
    stage.hover()
    with page.expect_download() as download:
        stage.locator("[data-title='Save as SVG']").click()
    download.value.save_as(tmp_path / "picture.svg")
    svg = (tmp_path / "picture.svg").read_text()
    assert "Hidden states h_t" in svg
    assert svg.count("<image") == 2
    assert page.locator("[data-title='Share chart...']").count() == 0


def test_the_link_and_its_locks(visit):
    page = visit("/?scale=2", ".lb[data-settled=true]")
    page.get_by_test_id("stPopoverButton").filter(has_text="Share").click()
    page.get_by_role("combobox", name="Lock for those who open it").click()
    page.get_by_role("option", name="Weight scale").click()
    page.locator("code", has_text="lock=weight_scale").wait_for()
    address = page.locator("code", has_text="lock=weight_scale").inner_text()
    page.goto(address)
    page.wait_for_selector(".lb[data-settled=true]")
    assert page.locator("#lb-weight_scale").is_disabled()
    assert page.locator("#lb-window").is_enabled()
