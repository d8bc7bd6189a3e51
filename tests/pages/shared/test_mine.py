"""Only my runs, and forget mine: what a session sees of others' runs, and what goes when it asks for it."""

from __future__ import annotations

import pytest

from core.config import RunConfig
from core.records.record import RunSummary
from pages.parts.shared.runtime import owners, registry, store
from tests.pages.conftest import texts, wait
from tests.pages.wrong_page import parameter
from tests.wrong_records import config, predictions
from tests.wrong_records import record as made

PAGES = {"compare": "compare_runs", "misclassified": "wrong_runs"}
OWNER = "owner of races"


def others(shipped) -> list[str]:
    """Two runs that another session has trained."""
    runs = [made(config("bn", seed=5), predictions({1: 2})), made(config("ln", seed=5), predictions({2: 3}))]
    for run in runs:
        owners().writer("somebody else").save(run)
    return [run.run_id for run in runs]


def secret_of(app) -> str:
    """By which the server knows the session: made when it is first needed."""
    if OWNER not in app.session_state:
        app.session_state[OWNER] = "5ec2e7" * 4
    return app.session_state[OWNER]


def train_mine(app, seed: int = 9) -> str:
    """A run that this session has trained: its record, as its race would write it."""
    run = made(config("gn", groups=4, seed=seed), predictions({3: 4}))
    owners().writer(secret_of(app)).save(run)
    return run.run_id


def options(app) -> str:
    return "\n".join(app.multiselect[0].options)


def switch(app):
    (toggle,) = [t for t in app.toggle if t.label == "Only my runs"]
    return toggle


def press(app, key):
    (button,) = [b for b in app.button if b.key == key]
    app = button.click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize("page", PAGES)
def test_only_mine_leaves_mine_and_the_study(open_page, shipped, page):
    others(shipped)
    app = open_page(page)
    shown = app.multiselect[0].options
    assert not switch(app).value
    mine = train_mine(app)
    app.run()
    assert len(app.multiselect[0].options) == len(shown) + 1
    switch(app).set_value(True).run()
    assert not app.exception
    assert parameter(app, "mine") == ["true"]
    assert len(app.multiselect[0].options) == len(shown) + 1 - 2  # mine and the study, without the two of others
    assert "seed 5" not in options(app)
    # the address keeps to it: what it hides cannot be asked for
    assert "which is not possible here" not in texts(app)
    # the choice goes along to another page and back
    other = next(name for name in PAGES if name != page)
    app.switch_page(f"pages/{other}.py").run()
    assert switch(app).value
    assert parameter(app, "mine") == ["true"]
    switch(app).set_value(False).run()
    assert parameter(app, "mine") == []
    assert mine in {run.run_id for run in store().summaries()[0]}


@pytest.mark.parametrize("page", PAGES)
def test_a_link_to_anothers_run_gets_the_usual_sentence_where_only_mine_is_on(open_page, shipped, page):
    foreign = others(shipped)[0]
    app = open_page(page, mine="true", **{PAGES[page]: foreign})
    assert f"The link asks for {PAGES[page]} = '{foreign}', which is not possible here." in texts(app)
    assert not open_page(page, **{PAGES[page]: foreign}).warning
    wrong = open_page(page, mine="maybe")
    assert "The link asks for mine = 'maybe', which is not possible here." in texts(wrong)
    assert not switch(wrong).value


def test_where_nothing_is_mine_the_page_says_so_and_the_switch_stays(open_page, nothing_ships):
    others(None)
    app = open_page("compare", mine="true")
    assert "None of the runs on this server was started or uploaded in this window." in texts(app)
    switch(app).set_value(False).run()
    assert app.multiselect


@pytest.mark.parametrize("page", PAGES)
def test_forget_mine_asks_first_and_takes_mine_alone(open_page, shipped, page):
    foreign = others(shipped)
    app = open_page(page)
    mine = train_mine(app)
    app.query_params[PAGES[page]] = mine
    app.run()
    assert not app.exception
    press(app, "mine_forget")
    assert "This server holds one record of a run of this session." in texts(app)
    press(app, "mine_keep")
    assert owners().of(secret_of(app)) == {mine}
    assert not [b for b in app.button if b.key == "mine_forget_now"]
    press(app, "mine_forget")
    press(app, "mine_forget_now")
    assert [s.value for s in app.success] == ["Forgotten: one record of a run."]
    assert {run.run_id for run in store().summaries()[0]} == set(foreign)
    assert len(list(app.multiselect[0].options)) > 0  # the study is still there
    app.run()
    assert not app.success  # said once
    later = open_page(page, **{PAGES[page]: mine})
    assert f"{PAGES[page]} = '{mine}', which is not possible here" in texts(later)


def test_the_secret_of_a_session_is_never_on_a_page(open_page, shipped):
    app = open_page("compare", mine="true")
    mine = train_mine(app)
    app.run()
    press(app, "mine_forget")
    secret = secret_of(app)
    assert secret not in texts(app)
    assert secret not in str(app.query_params)
    assert not any(secret in path.read_text() for path in (store().root / mine).glob("*.json"))


def test_a_race_is_mine_from_its_start_and_another_session_keeps_its_own(open_page, few, monkeypatch):
    monkeypatch.setattr("core.jobs.supply.load_or_fallback", lambda name, progress: (few, ""))
    app, other = open_page("train"), open_page("train")
    runs = [RunConfig(norm="ln", dataset="digits", epochs=1, batch_size=64, seed=seed) for seed in (0, 1)]
    secret_of(other)
    other.session_state[OWNER] = "another session"
    races = [registry().submit([run], secret_of(page)) for run, page in zip(runs, (app, other), strict=True)]
    for race in races:
        wait(app, lambda _, race=race: registry().snapshot(race).ended)
    mine, yours = (run.run_id for run in runs)
    assert owners().of(secret_of(app)) == {mine}
    app.query_params["race"] = races[0]
    app.run()
    press(app, "mine_forget")
    assert "one race and one record of a run" in texts(app)
    press(app, "mine_forget_now")
    assert "Forgotten: one race and one record of a run." in texts(app)
    assert "This server does not know that race any more" not in texts(app)
    assert parameter(app, "race") == []
    later = open_page("train", race=races[0])  # a link to it that somebody has kept
    assert "This server does not know that race any more: it was restarted or told to forget it" in texts(later)
    assert [run.run_id for run in store().summaries()[0]] == [yours]
    assert registry().snapshot(races[1]).status == "complete"


def test_train_offers_no_race_of_others_where_only_mine_is_on(open_page, monkeypatch):
    class Busy:
        race_id, watch_id = "", "ab" * 8

    monkeypatch.setattr(type(registry()), "running", lambda self: Busy.watch_id)
    label = "A race is running: watch it"
    assert label in [b.label for b in open_page("train").button]
    hidden = open_page("train", mine="true")
    assert label not in [b.label for b in hidden.button]
    assert switch(hidden).value


def test_uploads_are_mine_and_go_too(open_page, shipped):
    app = open_page("compare")
    run = made(config("in", seed=3), predictions({4: 5}))
    app.session_state["uploaded runs"] = {run.run_id: run}
    switch(app).set_value(True).run()
    assert "IN" in options(app)
    press(app, "mine_forget")
    press(app, "mine_forget_now")
    assert "Forgotten: one upload." in texts(app)
    assert "IN" not in options(app)


def test_a_run_without_an_epoch_is_counted_and_deleted(open_page, shipped):
    app = open_page("compare")
    secret = secret_of(app)
    owners().writer(secret).save(RunSummary(config=RunConfig(norm="ln"), status="interrupted", parameters=1))
    press(app, "mine_forget")
    press(app, "mine_forget_now")
    assert "Forgotten: one record of a run." in texts(app)
    assert store().signature() == ()
