"""Several places as one list: which place counts, in which order the runs come, and what is passed over."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from core.config import RunConfig
from core.records.files import RUN_FILE
from core.records.library import InMemory, Library
from core.records.record import RecordError, RunRecord, RunSummary
from core.records.store import RunFolder, RunStore, save
from tests.sizes import PARAMETERS


def partial(record: RunRecord) -> RunRecord:
    return record.changed(status="interrupted")


def seed(record: RunRecord, number: int) -> RunRecord:
    return record.changed(config=replace(record.config, seed=number))


def place(*records: RunRecord) -> InMemory:
    return InMemory({record.run_id: record for record in records})


@pytest.mark.parametrize("states", list(itertools.product(["", "partial", "complete"], repeat=3)))
def test_the_first_complete_one_counts_else_the_first(record, states):
    """All ways in which a run can lie in three places."""
    held = {"": (), "partial": (partial(record),), "complete": (record,)}
    order = ("uploaded", "shipped", "own")
    library = Library({origin: place(*held[state]) for origin, state in zip(order, states, strict=True)})
    having = [origin for origin, state in zip(order, states, strict=True) if state]
    complete = [origin for origin, state in zip(order, states, strict=True) if state == "complete"]
    expected = (complete or having or [None])[0]
    assert library.origin(record.run_id) == expected
    listed = [origin for origin, runs in library.by_origin().items() for _ in runs]
    assert listed == ([expected] if expected else [])
    if expected:
        status = "complete" if complete else "interrupted"
        assert library.summary(record.run_id).status == library.load(record.run_id).status == status
        assert [run.status for run in library.summaries()[0]] == [status]
    else:
        assert library.summaries() == ([], [])
        for read in (library.summary, library.load):
            with pytest.raises(RecordError):
                read(record.run_id)


def test_runs_come_place_by_place_each_in_the_order_of_its_place(record):
    one, two, three, four = (seed(record, number) for number in range(4))
    library = Library({"uploaded": place(partial(two), four), "own": place(one, two), "shipped": place(two, three)})
    found = {origin: [run.config.seed for run in runs] for origin, runs in library.by_origin().items()}
    assert found == {"uploaded": [3], "own": [0], "shipped": [1, 2]}
    assert [run.config.seed for run in library.summaries()[0]] == [3, 0, 1, 2]


def test_folders_are_places_as_they_are(tmp_path, store, record):
    shipped = tmp_path / "shipped"
    save(record, shipped)
    save(seed(record, 1), shipped)
    stopped = RunSummary(config=RunConfig(norm="ln"), status="interrupted", parameters=PARAMETERS)
    save(stopped, store.root)
    save(partial(record), store.root)
    library = Library({"own": RunStore(store.root), "shipped": RunFolder(shipped)})
    assert library.origin(record.run_id) == "shipped"
    assert library.load(record.run_id).digest == record.digest
    assert library.origin(stopped.run_id) is None  # it has no epoch
    assert {run.run_id for run in library.summaries()[0]} == {record.run_id, seed(record, 1).run_id}


def test_what_cannot_be_read_hides_nothing(tmp_path, store, record):
    shipped = tmp_path / "shipped"
    save(record, shipped)
    (store.save(record) / RUN_FILE).write_text("{")
    library = Library({"own": store, "shipped": RunFolder(shipped)})
    assert library.origin(record.run_id) == "shipped"
    assert [run.run_id for run in library.by_origin()["shipped"]] == [record.run_id]


@pytest.mark.parametrize("run_id", ["../x", "", "0" * 16])
def test_a_run_that_is_nowhere(store, run_id):
    library = Library({"uploaded": place(), "own": store})
    assert library.origin(run_id) is None
    with pytest.raises(RecordError, match="there is no such run"):
        library.load(run_id)
