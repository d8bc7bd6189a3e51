"""What only a browser shows of the page for a class: files that arrive, a picture saved as SVG, a race forgotten."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from core.lesson.sheet import sheet
from core.lesson.sheet_page import exercises_page
from tests.browser.conftest import drawn, settle
from tests.browser.server import Server
from tests.browser.steady import addressed, saved


def taken(button: Locator) -> tuple[str, str]:
    """The name and the text of the file that a button brings."""
    file = saved(button)
    return file.suggested_filename, Path(file.path()).read_text(encoding="utf-8")


def test_a_teacher_takes_the_files_and_leaves_the_server_as_it_was(page: Page, server: Server):
    page.goto(f"{server.url}/lesson?step=4")
    settle(page)
    page.get_by_role("button", name="For a class").click()
    expect(page.get_by_role("heading", name="For a class")).to_be_visible()
    seed = page.get_by_label("Seed of the sheet")
    seed.fill("12")
    seed.press("Enter")
    addressed(page, "sheet_seed", "12")
    name, text = taken(page.get_by_role("button", name="Exercises 12 to print"))
    assert (name, text) == ("exercises_12.html", exercises_page(sheet(12)))
    name, text = taken(page.get_by_role("button", name="Solutions 12 as a notebook"))
    assert name == "solutions_12.ipynb"
    assert len(json.loads(text)["cells"]) == 33

    page.goto(f"{server.url}/lesson?class_room=true&class_figure=set-size")
    settle(page)
    drawn(page)
    expect(page.get_by_role("link", name="Who depends on whom?")).to_have_attribute("href", "?step=4")
    page.locator(".js-plotly-plot").hover()
    name, text = taken(page.locator("[data-title*='svg'], [data-title*='SVG'], .modebar-btn").first)
    assert name == "normlens_set-size.svg"
    assert text.startswith("<svg")

    # a race of this window runs, and is forgotten
    page.goto(f"{server.url}/train?train_dataset=digits&train_epochs=20&train_variants=1")
    settle(page)
    page.get_by_role("button", name="Start the race").click()
    expect(page.get_by_text("Racing.")).to_be_visible()
    page.get_by_role("button", name="Forget my runs").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This server holds one race")
    dialog.get_by_role("button", name="Forget it").click()
    expect(page.get_by_text("Forgotten: one race")).to_be_visible()
    expect(page.get_by_role("button", name="Start the race")).to_be_visible()
    addressed(page, "race", None)
    assert not [path for path in server.runs.glob("*") if not path.name.startswith(".")]
