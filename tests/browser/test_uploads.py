"""Handing a record on as a file and reading it back, in a real browser against a real server."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from core.records.archive import from_zip, to_zip
from tests.browser.conftest import settle
from tests.browser.server import Server
from tests.browser.steady import saved

FORGET = "Forget the uploads"


def _open(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/compare")
    settle(page)
    page.get_by_role("button", name="Add results").click()


def _choose(page: Page, *files: tuple[str, bytes]) -> None:
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/zip", "buffer": data} for name, data in files]
    )


def test_upload_compare_download_and_forget(page, phone, server, record):
    data = to_zip(record)
    _open(page, server)
    expect(page.get_by_text("No finished runs yet")).to_be_visible()
    _choose(page, ("mine.zip", data), ("broken.zip", data[:-40]))
    page.get_by_text("broken.zip: it is not a whole .zip archive: another kind of file, or truncated.").wait_for()
    line = f"BN on digits: {record.epochs[-1].test_accuracy:.2f} % after epoch 2 (2 epochs, batch 64, lr 0.1, seed 0)"
    expect(page.get_by_text(line)).to_be_visible()
    page.locator(".gtitle", has_text="Graph 1. Test loss").wait_for()
    final = f"{record.epochs[-1].test_accuracy:.2f} %"
    expect(page.locator(".legendtext", has_text=re.compile(rf"^BN.*final {re.escape(final)}"))).to_have_count(1)

    # nothing of it is on the server's disk, and another visitor sees none of it
    assert not server.runs.exists() or list(server.runs.iterdir()) == []
    stranger = phone
    stranger.goto(f"{server.url}/compare?compare_runs={record.run_id}")
    settle(stranger)
    expect(stranger.get_by_text("No finished runs yet")).to_be_visible()

    settle(page)
    page.get_by_text("Take it with you").click()
    download = saved(page.get_by_role("button", name="Record (.zip)").first)
    assert download.suggested_filename == f"normlens_bn_seed0_{record.run_id}.zip"
    content = download.path().read_bytes()
    assert content == data
    assert from_zip(content).epochs == record.epochs

    page.get_by_role("button", name="Add results").click()
    page.get_by_role("button", name=FORGET).click()
    expect(page.get_by_text("No finished runs yet")).to_be_visible()
    expect(page.get_by_role("button", name=FORGET)).to_have_count(0)
    expect(page.get_by_text("broken.zip")).to_have_count(0)
