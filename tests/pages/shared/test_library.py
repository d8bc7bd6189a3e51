"""The library of runs: what ships, what was trained here and what was uploaded, as one list."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.comparison import methods
from core.config import RunConfig, preset, races
from core.records import store as runs
from core.records.files import PREDICTIONS_FILE, RUN_FILE
from core.records.record import RunSummary
from core.records.store import RunFolder, RunStore
from pages.parts.shared import library as shared
from tests.pages.conftest import PATIENCE, texts


def ask(function, *arguments, uploads=()):
    """What ``function`` answers inside a page, for a visitor who has uploaded ``uploads``."""

    def page(function, arguments):
        import streamlit as st

        st.session_state["answer"] = function(*arguments)

    app = AppTest.from_function(page, default_timeout=PATIENCE, args=(function, arguments))
    app.session_state["uploaded runs"] = {record.run_id: record for record in uploads}
    app.run()
    assert not app.exception
    return app.session_state["answer"]


def ids(records) -> list[str]:
    return [record.run_id for record in records]


def keep(record, age: int = 0) -> RunStore:
    """``record`` among the server's own runs, ``age`` seconds old."""
    store = RunStore()
    folder = runs.save(record, store.root)
    os.utime(folder / RUN_FILE, (1_700_000_000 - age,) * 2)
    return store


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_shipped_runs_come_in_the_order_of_the_study_and_without_arrays(shipped):
    found = ask(shared.kept_runs)
    assert [(r.label, r.config.seed) for r in found] == [("BN + L1", 0), ("GN (4)", 0), ("LN", 0), ("LN", 1)]
    assert all(isinstance(r, RunSummary) for r in found)
    assert found[0].epochs == shipped[0].epochs
    assert ids(ask(shared.shipped_runs)) == ids(found)
    assert ask(shared.own_runs) == []


def test_uploads_first_then_own_newest_first_then_shipped(shipped, record):
    uploaded = record.changed(config=replace(record.config, seed=9))
    keep(record.changed(config=replace(record.config, seed=1)), age=10)
    keep(record, age=5)
    found = ask(shared.kept_runs, uploads=[uploaded])
    assert [r.config.seed for r in found[:3]] == [9, 0, 1]
    assert ids(found[3:]) == ids(shipped)
    assert isinstance(found[0], RunSummary)
    assert [r.config.seed for r in ask(shared.own_runs, uploads=[uploaded])] == [0, 1]
    places = [ask(shared.origin, r.run_id, uploads=[uploaded]) for r in found]
    assert places == ["uploaded", "own", "own", "shipped", "shipped", "shipped", "shipped"]


def test_a_run_in_several_places_appears_once_and_what_ships_stays_what_it_is(shipped):
    own = shipped[1].changed(images_per_second=1.0)
    keep(own)
    assert ids(ask(shared.kept_runs)) == ids(shipped)
    assert ask(shared.full_record, own.run_id).images_per_second == shipped[1].images_per_second != 1.0
    assert ask(shared.origin, own.run_id) == "shipped"
    mine = shipped[1].changed(images_per_second=2.0)
    found = ask(shared.kept_runs, uploads=[mine])
    assert ids(found) == ids([shipped[1], shipped[0], *shipped[2:]])
    assert [r.images_per_second for r in found if r.run_id == mine.run_id] == [2.0]
    assert ask(shared.full_record, mine.run_id, uploads=[mine]).images_per_second == 2.0
    assert ask(shared.origin, mine.run_id, uploads=[mine]) == "uploaded"
    assert ask(shared.origin, mine.run_id) == "shipped"
    assert ask(shared.study_runs) == ask(shared.study_runs, uploads=[mine])
    assert ids(ask(shared.study_runs)) == ids(shipped)


def test_the_runs_that_a_shipped_one_hides(shipped, record):
    keep(shipped[1])
    keep(record)
    of = ids([*shipped, record])
    assert ask(shared.hidden_runs, of) == [shipped[1].run_id]
    assert ask(shared.hidden_runs, of[:1]) == []
    assert ask(shared.hidden_runs, of, uploads=[shipped[1]]) == []


def test_a_partial_run_does_not_hide_the_complete_one(nothing_ships, record):
    runs.save(record, nothing_ships)
    keep(record.summary.changed(status="running", epochs=record.epochs[:1]))
    (found,) = ask(shared.kept_runs)
    assert found.status == "complete"
    assert ask(shared.origin, record.run_id) == "shipped"
    assert ask(shared.full_record, record.run_id).status == "complete"


def test_any_run_can_be_had_whole(shipped, record):
    keep(record)
    uploaded = record.changed(config=replace(record.config, seed=9))
    for one in (*shipped, record, uploaded):
        full = ask(shared.full_record, one.run_id, uploads=[uploaded])
        assert full.config == one.config
        np.testing.assert_array_equal(full.weights["head.weight"], one.weights["head.weight"])
        np.testing.assert_array_equal(full.predictions.wrong_image, one.predictions.wrong_image)
        source = ask(shared.record_source, one.run_id, uploads=[uploaded])
        np.testing.assert_array_equal(source().predictions.predicted, one.predictions.predicted)


@pytest.mark.parametrize("run_id", ["0" * 16, "../x", "", "0123456789ABCDEF"])
def test_a_run_that_is_nowhere(shipped, run_id):
    assert ask(shared.full_record, run_id) is None
    assert ask(shared.origin, run_id) == "own"


def test_what_one_visitor_uploads_no_other_sees(shipped, record):
    assert record.run_id in ids(ask(shared.kept_runs, uploads=[record]))
    assert record.run_id not in ids(ask(shared.kept_runs))
    assert ask(shared.full_record, record.run_id) is None


def test_the_shipped_folder_is_read_once_and_a_record_decoded_once(shipped, decodes):
    for _ in range(3):
        ask(shared.kept_runs)
        ask(shared.full_record, shipped[0].run_id)
    assert sorted(decodes.summaries) == sorted(ids(shipped))
    assert decodes.whole == [shipped[0].run_id]


def test_when_an_own_run_is_saved_only_that_one_is_decoded_again(record, decodes):
    others = [record.changed(config=replace(record.config, seed=seed)) for seed in (1, 2, 3)]
    for age, one in enumerate(others):
        keep(one, age)
    assert len(ask(shared.own_runs)) == 3
    keep(record)
    decodes.clear()
    assert len(ask(shared.own_runs)) == 4
    assert decodes.summaries == [record.run_id]


def test_all_that_ship_stay_decoded(nothing_ships, record, monkeypatch):
    every = [config.seed for race in races() for config in race]
    assert len(every) + 6 <= shared.FULL_RECORDS
    many = [record.changed(config=replace(record.config, seed=seed)) for seed in range(45)]
    for one in many:
        runs.save(one, nothing_ships)
    reads = []
    real = RunFolder.load
    monkeypatch.setattr(RunFolder, "load", lambda self, run_id: reads.append(run_id) or real(self, run_id))

    def all_twice():
        return [shared.full_record(run_id).config.seed for _ in range(2) for run_id in ids(many)]

    assert ask(all_twice) == [*range(45), *range(45)]
    assert sorted(reads) == sorted(ids(many))


@pytest.mark.parametrize("damage", ["run", "predictions", "gone"])
def test_a_damaged_shipped_record_is_passed_over(shipped, nothing_ships, damage):
    folder = nothing_ships / shipped[0].run_id
    if damage == "run":
        (folder / RUN_FILE).write_text("{")
    elif damage == "predictions":
        (folder / PREDICTIONS_FILE).write_bytes(b"no archive")
    else:
        shutil.rmtree(folder)
    found = ids(ask(shared.kept_runs))
    # the text of a record whose arrays are damaged still reads
    assert found == (ids(shipped) if damage == "predictions" else ids(shipped[1:]))
    assert ask(shared.full_record, shipped[0].run_id) is None
    assert ask(shared.full_record, shipped[1].run_id) is not None


def test_the_shipped_folder_is_only_read(shipped, nothing_ships, record, monkeypatch):
    monkeypatch.setenv("NORMLENS_KEEP_RUNS", "1")
    (nothing_ships / f".old-{'0' * 16}-ab-0").mkdir()
    (nothing_ships / f".new-{'0' * 16}-ab").mkdir()
    os.utime(nothing_ships / f".new-{'0' * 16}-ab", (0, 0))
    running = record.summary.changed(status="running", epochs=record.epochs[:1])
    runs.save(running, nothing_ships)
    before, folders = contents(nothing_ships), sorted(p.name for p in nothing_ships.iterdir())
    ask(shared.kept_runs)
    ask(shared.full_record, shipped[0].run_id)
    keep(record.changed(config=RunConfig(norm="bn", seed=5)))
    assert contents(nothing_ships) == before
    assert sorted(p.name for p in nothing_ships.iterdir()) == folders


def test_without_the_folder_there_is_nothing_and_no_error(monkeypatch, tmp_path):
    monkeypatch.setenv(runs.SHIPPED_ENV, str(tmp_path / "none"))
    assert ask(shared.kept_runs) == []
    assert not (tmp_path / "none").exists()


def test_the_shipped_folder_is_the_apps_own_wherever_it_is_started(monkeypatch, tmp_path):
    monkeypatch.delenv(runs.SHIPPED_ENV)
    monkeypatch.chdir(tmp_path)
    assert runs.shipped_root() == Path(__file__).parents[3] / "assets" / "runs"
    monkeypatch.setenv(runs.SHIPPED_ENV, str(tmp_path))
    assert runs.shipped_root() == tmp_path


# the order of the study, and the pages that read the library


def test_the_study_in_its_order():
    # the records that ship are of these configurations, whatever precision the processor chose
    configs = [replace(config, precision="bf16") for race in races() for config in race]
    records = [runs.RunSummary(config=config, status="complete") for config in configs]
    other = runs.RunSummary(config=RunConfig(norm="bn", lr=0.2, seed=77), status="complete")
    shuffled = sorted([*records, other], key=lambda r: r.run_id)
    assert methods.in_study_order(shuffled) == [*records, other]
    assert [r.config for r in methods.in_first_race(shuffled)] == list(preset("assignment", precision="bf16"))


@pytest.mark.parametrize("page", ["home", "compare", "misclassified", "statistics", "train"])
def test_every_page_opens_with_shipped_runs_only(open_page, shipped, page):
    app = open_page(page)
    assert not app.error
    if page in ("compare", "misclassified"):
        assert {"BN + L1", "GN (4)"} <= {label.split(",")[0] for label in app.multiselect[0].options}
    elif page == "statistics":
        assert "stats_source" in {e.key for e in app.selectbox}


def test_statistics_looks_into_a_shipped_network_without_a_download(open_page, shipped, monkeypatch):
    monkeypatch.setattr("core.data.datasets.download", lambda *_: pytest.fail("a page visit must not download"))
    app = open_page("statistics", stats_source="Real images")
    assert "Network: BN + L1, trained on digits (1 epoch, " in texts(app)
    assert "Images: digits." in texts(app)


def test_statistics_shows_small_mnist_where_the_shipped_runs_data_is_not_on_disk(
    open_page, nothing_ships, record, monkeypatch, tmp_path
):
    monkeypatch.setenv("NORMLENS_DATA", str(tmp_path))
    monkeypatch.setattr("core.data.datasets.download", lambda *_: pytest.fail("a page visit must not download"))
    runs.save(record.changed(config=replace(record.config, dataset="mnist")), nothing_ships)
    app = open_page("statistics", stats_source="Real images")
    assert "Network: BN, trained on MNIST (2 epochs, batch 64, lr 0.1, seed 0), of the study" in texts(app)
    assert "Images: small MNIST, since MNIST is not on this server;" in texts(app)


def test_networks_come_from_own_runs_before_shipped_ones_and_never_from_uploads(shipped, record):
    keep(record)
    uploaded = record.changed(config=replace(record.config, seed=9))
    found = ask(lambda: shared.kept_networks().summaries()[0], uploads=[uploaded])
    assert ids(found) == [record.run_id, *ids(shipped)]
    assert ask(lambda: shared.kept_networks().load(shipped[0].run_id)).digest == shipped[0].digest


def test_the_server_keeps_as_many_runs_as_the_environment_says(open_page, monkeypatch):
    monkeypatch.setenv("NORMLENS_KEEP_RUNS", "7")
    assert "at most 7 of them" in texts(open_page("train"))
