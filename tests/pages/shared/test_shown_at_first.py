"""Which runs a page shows where neither the address nor the visitor names any."""

from __future__ import annotations

from dataclasses import replace

from core.config import RunConfig
from core.records import store as runs
from pages.parts.shared import library as shared
from tests.pages.shared.test_library import ask, keep


def first(uploads=()) -> list[tuple[str, int]]:
    found = {r.run_id: r for r in ask(shared.kept_runs, uploads=uploads)}
    chosen = ask(lambda: shared.shown_at_first(shared.kept_runs()), uploads=uploads)
    return [(found[run_id].label, found[run_id].config.seed) for run_id in chosen]


STUDY = [("BN + L1", 0), ("GN (4)", 0), ("LN", 0)]


def test_by_default_the_assignment_with_seed_0(shipped, record):
    assert first() == STUDY
    assert first(uploads=[record]) == STUDY


def test_whatever_is_trained_here_the_study_stays_the_default(shipped, record):
    keep(record)
    assert first() == STUDY
    for one in shipped:
        keep(one.changed(images_per_second=1.0))
    assert first() == STUDY
    own = ask(lambda: [shared.full_record(i).images_per_second for i in shared.shown_at_first(shared.kept_runs())])
    assert 1.0 not in own


def variants(record, *norms, status="complete", **named):
    """A run a norm with the arrays of ``record``."""
    epochs = record.epochs if status == "complete" else record.epochs[:1]
    configs = [RunConfig(**{**record.config.to_dict(), "norm": norm, "groups": 4, **named}) for norm in norms]
    return [record.changed(config=config, status=status, epochs=epochs) for config in configs]


def test_where_no_study_ships_the_newest_race_that_is_complete(record):
    for age, one in enumerate(variants(record, "gn", "bn", "ln", status="running", seed=5)):
        keep(one, age)
    assert first() == [("BN", 5), ("LN", 5), ("GN (4)", 5)]  # better than nothing
    for age, one in enumerate(variants(record, "ln", "gn", "bn", seed=4), start=10):
        keep(one, age)
    for age, one in enumerate(variants(record, "none", seed=3), start=20):
        keep(one, age)
    [running] = variants(record, "in", status="running", seed=4)
    keep(running, age=5)  # of the same settings, and not as far
    assert first() == [("BN", 4), ("LN", 4), ("GN (4)", 4)]


def test_the_newest_race_holds_three_of_any_norm_and_penalty(record):
    changes = ({"norm": "in"}, {"norm": "ln", "l1": 1e-4, "l2": 1e-3}, {"norm": "gn", "groups": 8}, {"norm": "bn"})
    for age, change in zip((40, 30, 20, 10), changes, strict=True):
        keep(record.changed(config=replace(record.config, **change)), age)
    keep(record.changed(config=replace(record.config, norm="none", lr=0.2)), age=15)  # another race, in between
    assert first() == [("BN", 0), ("LN + L1 + L2", 0), ("GN (8)", 0)]


def test_uploads_come_before_the_races_of_others_where_no_study_ships(record):
    assert first() == []
    [mine] = variants(record, "ln", seed=9)
    assert first(uploads=[mine]) == [("LN", 9)]
    keep(record)
    assert first(uploads=[mine]) == [("LN", 9)]
    [stopped] = variants(record, "ln", seed=9, status="interrupted")
    assert first(uploads=[stopped]) == [("LN", 9)]
    assert first() == [("BN", 0)]


def test_shipped_runs_without_the_assignment(nothing_ships, record):
    runs.save(record, nothing_ships)
    assert first() == [("BN", 0)]


def test_only_what_is_listed_is_chosen(shipped, record):
    keep(record)
    assert ask(lambda: shared.shown_at_first(shared.own_runs())) == [record.run_id]
    assert ask(lambda: shared.newest_race(shared.own_runs())) == [record.run_id]


def test_a_run_that_is_not_complete_is_named_as_such(record):
    found = [
        record.summary,
        *(
            record.summary.changed(config=replace(record.config, seed=seed), status=status)
            for seed, status in enumerate(("running", "interrupted", "diverged"), start=1)
        ),
    ]
    assert list(shared.run_names(found).values()) == [
        "BN, seed 0",
        "BN, seed 1, running",
        "BN, seed 2, stopped",
        "BN, seed 3, diverged",
    ]
