"""The Training page in a browser: it draws while it learns, and what it learnt is looked at elsewhere."""

SETTINGS = "/training?task=hello&T=8&N=1&H=8&updates=100000&vary=phi:tanh,sigmoid"
NUMBER = "Number(document.body.innerText.match(/update ([0-9,]+) of/)?.[1].replaceAll(',', ''))"


def test_it_learns_before_ones_eyes(visit):
    """Pictures are painted again and again until the run is stopped; then Explore shows the trained weights.

    No run is short enough to be waited for and long enough to be watched, on every machine: so it is stopped.
    """
    page = visit(SETTINGS, "button:has-text('Train')", anew=True)
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_function(f"{NUMBER} > 1500 && Number(document.querySelector('.lb')?.dataset.paints) > 2")
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("of 100,000 · finished").wait_for()
    page.wait_for_selector(".lb[data-settled='true']")
    number = page.evaluate(NUMBER)
    page.locator(".lb-plot").first.hover()
    page.wait_for_selector(".lb[data-settled='true']")
    drawn = page.locator(".lb-plot").first.evaluate("plot => plot.data.map(t => [t.name, Array.from(t.y).at(-1)])")
    last = {name: y for name, y in drawn if name in ("tanh", "sigmoid")}
    assert 0.0 <= last["tanh"] < last["sigmoid"]  # log10 of the perplexity
    page.get_by_role("button", name="Look inside").click()
    page.get_by_role("button", name="tanh → Explore").click()
    page.get_by_text(f"hello, tanh, {number} updates").wait_for()
    page.wait_for_selector(".lb[data-settled='true']")


def test_a_reload_in_mid_training(visit):
    """Settings come back from the address; the page says what does not, and how to have it again."""
    page = visit(SETTINGS, "button:has-text('Train')", anew=True)
    assert page.get_by_text("Press Train").is_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("updates/s").wait_for()
    page.reload()
    page.get_by_text("A run was begun at this address").wait_for()
    query = page.evaluate("() => Object.fromEntries(new URLSearchParams(location.search))")
    assert {name: query[name] for name in ("task", "T", "H", "updates")} == {
        "task": "hello",
        "T": "8",
        "H": "8",
        "updates": "100000",
    }
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("updates/s").wait_for()
