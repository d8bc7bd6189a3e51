"""``figures`` on the command line: Graph 1 and Graph 2 through a browser, one 5x2 picture a run."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.catalogue import NORMS
from core.cli.parser import main
from core.records.store import RunStore, load, save

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
REQUIRED = bool(os.environ.get("NORMLENS_REQUIRE_BROWSER"))

needs_browser = pytest.mark.skipif(
    not REQUIRED and not any(map(shutil.which, BROWSERS)),
    reason="no Chromium or Chrome on the PATH: apt-get install chromium",
)
# kaleido leaves the browser's pipes to the garbage collector
kaleidos_pipes = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@needs_browser
@kaleidos_pipes
def test_graphs_and_grids_are_written(record_folder, tmp_path, capsys):
    out = tmp_path / "figures"
    first = load(record_folder)
    second = save(first.changed(config=replace(first.config, seed=1)), tmp_path / "runs")
    status = main(["figures", str(record_folder), str(second), "--out", str(out), "--pictures-of-seed", "0"])
    captured = capsys.readouterr()
    assert status == 0, captured.err
    grid = f"misclassified_bn_{record_folder.name}.png"
    names = ["graph1_test_loss.png", "graph2_test_accuracy.png", grid]
    assert captured.out.splitlines() == [str(out / name) for name in names]
    assert sorted(p.name for p in out.iterdir()) == sorted(names)
    for name in names[:2]:
        with Image.open(out / name) as picture:
            assert (picture.format, picture.size) == ("PNG", (2200, 1120))
            pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
        blue = tuple(int(NORMS["bn"].color[i : i + 2], 16) for i in (1, 3, 5))
        assert (pixels == blue).all(axis=1).sum() > 500  # the line
        assert (pixels == 255).all(axis=1).mean() > 0.5  # on white
    with Image.open(out / grid) as picture:
        wrong = len(load(record_folder).predictions.wrong_index)
        assert picture.size == (948, 644 if wrong > 5 else 372)


def test_without_kaleido_one_line_says_what_to_install(record_folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "kaleido.errors", None)
    status = main(["figures", str(record_folder), "--out", str(tmp_path / "figures")])
    assert status == 1
    assert capsys.readouterr().err == ("core: error: the graphs need the package kaleido: pip install kaleido==1.5.0\n")


def test_without_a_browser_one_line_says_so(record_folder, tmp_path, capsys, monkeypatch):
    from kaleido.errors import ChromeNotFoundError
    from plotly.graph_objects import Figure

    def no_browser(*_, **__):
        raise ChromeNotFoundError("no browser\nand a page of advice")

    monkeypatch.setattr(Figure, "to_image", no_browser)
    status = main(["figures", str(record_folder), "--out", str(tmp_path / "figures")])
    assert status == 1
    error = capsys.readouterr().err.splitlines()
    assert error == ["core: error: the graphs need Chromium or Chrome to be drawn: no browser"]


def test_one_bad_record_among_several_draws_nothing(record_folder, tmp_path, capsys):
    status = main(["figures", str(record_folder), str(tmp_path / "absent"), "--out", str(tmp_path / "figures")])
    assert status == 1
    assert capsys.readouterr().err == f"core: error: {tmp_path / 'absent'}: run.json: missing\n"
    assert not (tmp_path / "figures").exists()
    assert RunStore().summaries() == ([], [])
