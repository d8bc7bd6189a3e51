"""From the first page to the mistakes: what a newcomer does, in a real browser against a real server."""

from __future__ import annotations

import re
import signal
import time
from itertools import pairwise
from urllib.parse import parse_qs, urlparse

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.records.record import RunSummary
from core.records.store import RunStore
from tests.benchmarks.sessions import Session
from tests.browser.axe import serious
from tests.browser.conftest import DESKTOP, PATIENCE, settle
from tests.browser.server import Server
from tests.browser.steady import addressed, saved

WATCH_BARS = """() => {
  window.seen = []
  const look = () => {
    const bars = [...document.querySelectorAll('[role="progressbar"]')]
    const values = bars.map(bar => Number(bar.getAttribute('aria-valuenow')))
    if (values.length === 3 && values.join() !== window.seen.at(-1)?.join()) window.seen.push(values)
  }
  look()
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true })
}"""
"""Collects what the three bars show, whenever it is something else."""


MOST_EPOCHS = 1000


@pytest.fixture(scope="module")
def endless(tmp_path_factory):
    """A server on which a race can be so long that nobody sees its end, and leaves the processor to who watches it."""
    server = Server(tmp_path_factory.mktemp("endless"), most_epochs=MOST_EPOCHS, resting=True)
    yield server
    server.stop()


def _start_digits(page: Page, server: Server, epochs: int, batch_size: int) -> str:
    page.goto(f"{server.url}/train?train_dataset=digits&train_epochs={epochs}&train_batch_size={batch_size}")
    settle(page)
    page.get_by_role("button", name="Start the race").click()
    page.wait_for_url(re.compile("race="))
    return parse_qs(urlparse(page.url).query)["race"][0]


def _kept(server: Server, epochs: int) -> list[RunSummary]:
    """The records of a race of so many epochs."""
    return [record for record in RunStore(server.runs, keep=60).summaries()[0] if record.config.epochs == epochs]


def test_open_train_compare_and_look_at_the_mistakes(page, endless):
    page.goto(endless.url)
    settle(page)
    expect(page.get_by_role("heading", name="Which numbers share a mean?")).to_be_visible()
    page.get_by_role("button", name="Race them on MNIST").click()
    page.get_by_role("button", name="Start the race").wait_for()

    _start_digits(page, endless, epochs=2, batch_size=128)
    page.get_by_role("progressbar").nth(2).wait_for()
    page.evaluate(WATCH_BARS)
    page.get_by_text("Finished", exact=True).wait_for()
    seen = page.evaluate("window.seen")
    assert len(seen) >= 2, "the bars were never seen to move"
    assert all(a <= b for first, second in pairwise(seen) for a, b in zip(first, second, strict=True))
    bars = page.get_by_role("progressbar")
    expect(bars).to_have_count(3)
    for bar in bars.all():
        expect(bar).to_have_attribute("aria-valuenow", re.compile("^(100|1)$"))

    records = _kept(endless, epochs=2)
    assert sorted(record.label for record in records) == ["BN + L1", "GN (4)", "LN"]
    charts = page.get_by_role("img", name="Line chart of test accuracy")
    for record in records:
        expected = f"{record.label} {record.epochs[-1].test_accuracy:.4g} after epoch 2"
        expect(charts).to_have_attribute("aria-label", re.compile(re.escape(expected)))

    page.get_by_role("link", name="Compare these runs").click()
    for title in ("Graph 1. Test loss", "Graph 2. Test accuracy"):
        page.locator(".gtitle", has_text=title).wait_for()
    legend = page.locator(".legendtext")
    for record in records:
        final = f"{record.label}: final {record.epochs[-1].test_accuracy:.2f} %"
        expect(legend.filter(has_text=final)).to_have_count(1)

    page.get_by_role("link", name="See what these runs got wrong").click()
    expect(page.get_by_role("heading", name="What they get wrong")).to_be_visible()
    page.get_by_role("button", name="This grid as PNG").nth(2).wait_for()
    images = page.get_by_role("img", name=re.compile(r"^Test image \d+, true \d, predicted \d$"))
    wrong = RunStore(endless.runs, keep=60)
    expected = sum(min(10, len(wrong.load(record.run_id).predictions.wrong_index)) for record in records)
    expect(images).to_have_count(expected)

    download = saved(page.get_by_role("button", name="This grid as PNG").first)
    with Image.open(download.path()) as picture:
        assert picture.format == "PNG"
        assert picture.width > 900


def test_a_race_is_found_again_and_watched_and_only_who_started_it_can_stop_it_which_keeps_its_epochs(
    endless, page, phone
):
    race = _start_digits(page, endless, epochs=MOST_EPOCHS, batch_size=256)
    page.get_by_role("progressbar").nth(2).wait_for()
    page.reload()
    settle(page)
    addressed(page, "race", race)
    page.get_by_role("progressbar").nth(2).wait_for()
    page.get_by_text(re.compile(rf"epoch ([2-9]|\d\d+) of {MOST_EPOCHS}")).first.wait_for()
    stops = re.compile("^Stop")
    expect(page.get_by_role("button", name=stops)).to_have_count(2)  # all, and a choice of one

    watcher = phone  # another browser as far as the server can tell
    watcher.set_viewport_size(DESKTOP)
    watcher.goto(f"{endless.url}/train")
    settle(watcher)
    watcher.get_by_role("button", name="A race is running: watch it").click()
    watcher.wait_for_url(re.compile("train_watch="))
    for _ in range(2):  # by the button, and then by the address alone
        watcher.get_by_role("progressbar").nth(2).wait_for()
        expect(watcher.get_by_text("You are watching")).to_be_visible()
        expect(watcher.get_by_role("button", name=stops)).to_have_count(0)
        assert race not in watcher.url
        assert race not in watcher.content()
        watcher.reload()
        settle(watcher)
    page.get_by_role("button", name="Let others watch").click()
    expect(page.get_by_test_id("stCode")).to_have_text(watcher.url)
    for each in (page, watcher):
        assert not serious(each)
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="Compare the runs")).to_be_visible()
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_role("button", name="Stop all", exact=True).click()
    for each in (page, watcher):
        each.get_by_text("Stopped", exact=True).wait_for()
    kept = _kept(endless, MOST_EPOCHS)
    assert len(kept) == 3
    assert {record.status for record in kept} == {"interrupted"}
    assert all(1 <= len(record.epochs) < MOST_EPOCHS for record in kept)


def test_a_server_that_is_ended_in_the_middle_of_a_race_does_not_abort(tmp_path):
    # at full speed, so that the signal finds its threads inside torch; what a browser shows of it is told above
    server = Server(tmp_path, most_epochs=MOST_EPOCHS)
    try:
        visitor = Session(server.url, "train", f"train_dataset=digits&train_epochs={MOST_EPOCHS}&train_batch_size=256")
        visitor.open()
        visitor.click("Start the race")
        second = re.compile(rf"epoch ([2-9]|\d\d+) of {MOST_EPOCHS}")
        end = time.monotonic() + PATIENCE / 1000
        while not any(second.search(text) for text in visitor.bars.values()):
            assert not visitor.errors
            assert time.monotonic() < end, visitor.bars
            visitor.follow(0.5)
        status = server.stop(signal.SIGTERM, seconds=30)
        assert status in (0, -signal.SIGTERM, 128 + signal.SIGTERM), server.log.read_text()
        assert "terminate called" not in server.log.read_text()
        visitor.close()
    finally:
        server.stop(signal.SIGKILL)
    kept = RunStore(server.runs, keep=60).summaries()[0]
    assert {record.status for record in kept} == {"interrupted"}
