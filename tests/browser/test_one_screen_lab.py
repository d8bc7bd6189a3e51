"""Lab: picture, control and sentence share a window, of the live parts and of an experiment that is a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from playwright.sync_api import Page
from torch import Tensor

from core.data import datasets
from core.experiments.experiment import QUICK_SEEDS
from core.experiments.listed import experiment
from core.experiments.table import TABLES_ENV, Table, save
from core.model import NormNet
from tests.browser.conftest import settle
from tests.browser.server import Server
from tests.browser.test_lab import outside
from tests.tiny_tables import tiny_table

WINDOWS = [{"width": 1440, "height": 900}, {"width": 1024, "height": 768}]
PARTS = {
    "lab_experiment=light&lab_contrast=0.2": ("Contrast", "BN.* is wrong in .* with its stored means"),
    "lab_experiment=forgot-eval": ("Images in a random batch", "of 64 images are of class 7"),
    "lab_experiment=depth": ("Convolutions", "^Behind 20 convolutions"),
    "lab_experiment=pruning": ("Weights removed, %", "^Of seed 0, without .* weights, BN is wrong"),
    "lab_experiment=pruning&lab_pruning=Scale+a+convolution": ("All its weights times", "^Without a norm"),
}
"""By address: the slider that moves the numbers, and how the sentence about them goes."""
TRAINED = "set-size"


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[Server]:
    """A server with the study's networks, and tables of two experiments: the outcomes of a table are longer."""
    folder = tmp_path_factory.mktemp("lab")
    data = datasets.load("mnist-small")
    few = replace(
        data,
        train_images=data.train_images[:700],
        train_labels=data.train_labels[:700],
        test_images=data.test_images[:700],
        test_labels=data.test_labels[:700],
    )
    with pytest.MonkeyPatch.context() as patch:
        table = tiny_table(experiment(TRAINED), few, QUICK_SEEDS, quick=True)
        save(Table(TRAINED, False, table.done), folder)
        patch.setattr(NormNet, "forward", guessing)
        table = tiny_table(experiment("forgot-eval"), few, QUICK_SEEDS, quick=True)
        save(Table("forgot-eval", False, table.done), folder)
        patch.undo()
        patch.setenv(TABLES_ENV, str(folder))
        patch.delenv("NORMLENS_SHIPPED", raising=False)
        server = Server(folder)
    yield server
    server.stop()


def guessing(self: NormNet, x: Tensor) -> Tensor:
    """Logits for a table whose numbers nobody reads."""
    return torch.sin(x.flatten(1).sum(dim=1, keepdim=True) * torch.arange(1, 11))


def opened(page: Page, server: Server, query: str) -> None:
    page.goto(f"{server.url}/lab?lab_said=1&{query}")
    settle(page)
    page.locator('[data-testid="stPlotlyChart"] .main-svg').first.wait_for()


@pytest.mark.parametrize("query", PARTS)
def test_a_live_part(page, lab, query):
    slider, sentence = PARTS[query]
    opened(page, lab, query)
    parts = [
        page.get_by_role("heading", level=1),
        page.get_by_text("You said:"),
        page.get_by_role("slider", name=slider),
        page.locator('[data-testid="stPlotlyChart"]').first,
        page.get_by_role("paragraph").filter(has_text=re.compile(sentence)).first,
    ]
    if "forgot-eval" in query:
        parts += [page.get_by_test_id("stImage"), page.get_by_text("The first of these batches")]
    for window in WINDOWS:
        page.set_viewport_size(window)
        assert outside(page, *parts) == [], window


def test_a_table(page, lab):
    opened(page, lab, f"lab_experiment={TRAINED}")
    parts = [
        page.get_by_role("heading", level=1),
        page.get_by_text("You said:"),
        page.get_by_role("button", name="Train it here"),
        page.locator('[data-testid="stPlotlyChart"]').first,
        page.locator(".st-key-lab_seen"),
    ]
    for window in WINDOWS:
        page.set_viewport_size(window)
        assert outside(page, *parts) == [], window
