"""A photo of one's own on the Statistics page, in a window of a small laptop."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from core.catalogue import SIDE
from core.four_images.networks import inner_side
from core.four_images.own_images import read_upload
from core.records import store as runs
from core.records.answers import probabilities
from core.records.network import trained_model
from tests.browser.conftest import drawn, settle
from tests.browser.one_screen import no_wider
from tests.browser.steady import reads

PHOTO = Path(__file__).parents[1] / "core" / "four_images" / "cases" / "photo_shaded.jpg"
VIEWPORTS = ({"width": 1024, "height": 768}, {"width": 390, "height": 844})
STAYED = "The images stay as they were."
TO_TOP = "button => button.scrollIntoView({ block: 'start' })"
"""On a phone it follows the picture."""
INSIDE = """([inner, outer]) => { const [a, b] = [inner, outer].map(e => e.getBoundingClientRect());
  return a.top >= b.top && a.bottom <= b.bottom && a.left >= b.left && a.right <= b.right; }"""


def test_a_refusal_and_an_answer_stand_beside_the_uploader(page, server, record):
    runs.save(record, server.runs)
    page.set_viewport_size(VIEWPORTS[1])
    page.goto(f"{server.url}/statistics?stats_source=Real+images")
    settle(page)
    choose = page.get_by_role("button", name="Images")
    choose.evaluate(TO_TOP)
    choose.click()
    chooser = page.locator('[data-testid="stPopoverBody"]')
    chooser.get_by_text("upload", exact=True).click()

    def in_view(locator):
        locator.wait_for()
        settle(page)
        for viewport in VIEWPORTS:
            page.set_viewport_size(viewport)
            choose.evaluate(TO_TOP)
            drawn(page)
            reads(page, lambda: page.evaluate(INSIDE, [locator.element_handle(), chooser.element_handle()]), True)

    chooser.locator("input[type=file]").set_input_files(
        {"name": "bad.png", "mimeType": "image/png", "buffer": b"no image"}
    )
    in_view(chooser.get_by_text(STAYED))
    chooser.locator("input[type=file]").set_input_files(PHOTO)
    row = probabilities(trained_model(record), read_upload(PHOTO.read_bytes())[None], "digits")[0]
    answer = f"BN takes it for {row.argmax()} ({100 * row.max():.1f} %)."
    in_view(chooser.get_by_text(answer))
    expect(page.get_by_text(STAYED)).to_have_count(0)
    in_view(chooser.get_by_role("img", name="The image that was sent, in grey"))
    side = inner_side(record.config)
    name = f"The picture of {SIDE} by {SIDE}, of which the network gets the inner {side} by {side}"
    in_view(chooser.get_by_role("img", name=name))
    page.keyboard.press("Escape")
    expect(chooser).to_have_count(0)
    panel = page.locator('[data-testid="stExpander"]', has_text=f"Image 1 is your own. {answer}")
    for viewport in VIEWPORTS:
        page.set_viewport_size(viewport)
        drawn(page)
        expect(panel.locator('[data-testid="stPlotlyChart"]')).to_be_visible()
        no_wider(page)
