"""What the Compare page shows at first, and how it names runs that have not finished or are at chance level."""

from __future__ import annotations

import os
from dataclasses import replace

from core.comparison.methods import method_id
from core.records import store as runs
from core.records.files import RUN_FILE
from core.records.store import RunStore
from tests.pages.compare.test_compare import figures, lines
from tests.pages.conftest import texts
from tests.pages.wrong_page import save
from tests.wrong_records import config, predictions, record


def age(one, seconds: int, **values):
    """A record with other values as an own run of this server, so many seconds old."""
    kept = one.changed(**values)
    folder = runs.save(kept, RunStore().root)
    os.utime(folder / RUN_FILE, (1_700_000_000 - seconds,) * 2)
    return kept


def race_of(shipped, status="complete", **named):
    """A race on this server with other settings than the study, newest first; its runs."""
    return [
        age(one, number, config=replace(one.config, **named), status=status) for number, one in enumerate(shipped[:3])
    ]


def test_whatever_is_raced_here_the_study_is_shown_and_the_race_by_its_own_link(open_page, shipped):
    study = [shipped[0].run_id, shipped[1].run_id, method_id(shipped[2].config)]
    race = race_of(shipped, seed=4, lr=0.2)
    app = open_page("compare")
    assert app.multiselect[0].value == study
    assert {row["Settings"].split(", seed")[0] for row in app.dataframe[0].value.to_dict("records")} == {
        "1 epoch, batch 256, lr 0.1"
    }
    linked = open_page("compare", compare_runs=[one.run_id for one in race])
    assert linked.multiselect[0].value == [one.run_id for one in race]
    assert {row["Settings"].split(", L1")[0] for row in linked.dataframe[0].value.to_dict("records")} == {
        "1 epoch, batch 256, lr 0.2, seed 4"
    }


def test_a_run_of_the_study_that_is_trained_here_again_changes_nothing_and_is_told(open_page, shipped):
    told = "BN + L1 was trained on this server as well. Shown is the run of the same settings that comes with the app."
    assert told not in texts(open_page("compare"))
    again = age(shipped[0], 0, epochs=tuple(replace(row, test_loss=9.0) for row in shipped[0].epochs))
    app = open_page("compare")
    assert app.multiselect[0].value[0] == again.run_id
    assert lines(figures(app)[0])[0]["y"] == [row.test_loss for row in shipped[0].epochs]
    assert told in texts(app)
    assert told not in texts(open_page("compare", compare_runs=shipped[1].run_id))


def test_what_runs_is_named_as_running_and_not_tested(open_page, shipped):
    open_page("compare")  # a server that starts takes what says that it runs for stopped
    still = {"epochs": 20, "seed": 4}
    first, second = (
        age(one, number, config=replace(one.config, **still), status="running")
        for number, one in enumerate(shipped[:2])
    )
    app = open_page("compare", compare_runs=[first.run_id, second.run_id, shipped[2].run_id])
    said = texts(app)
    for one in (first, second):
        sentence = "is running: shown is its state after 1 of 20 epochs, which is not tested against others."
        assert f"**{one.label}** {sentence}" in said
    assert [label for label in app.multiselect[0].options if "running" in label] == [
        "BN + L1, 20 epochs, seed 4, running",
        "GN (4), 20 epochs, seed 4, running",
    ]
    graph1, graph2, intervals = figures(app)
    for figure in (graph1, graph2):
        assert [trace["name"].split(":")[0] for trace in lines(figure)] == ["BN + L1, running", "GN (4), running", "LN"]
    assert {y for trace in intervals["data"] for y in trace["y"]} == {"LN"}
    # one epoch is not enough for any of them
    assert {row["Method"]: row["Status"] for row in app.dataframe[0].value.to_dict("records")} == {
        "LN": "complete; at chance level",
        "BN + L1": "running, 1 of 20 epochs done; at chance level",
        "GN (4)": "running, 1 of 20 epochs done; at chance level",
    }
    assert "McNemar" not in said
    assert "distinguishable" not in said


def test_of_runs_that_all_still_run_there_is_nothing_final(open_page, shipped):
    open_page("compare")
    race = race_of(shipped, status="running", epochs=20)
    app = open_page("compare", compare_runs=[one.run_id for one in race])
    assert "None of these runs has ended with a result, so there is no final accuracy to name" in texts(app)
    assert "final test accuracy" not in texts(app)
    assert len(app.get("plotly_chart")) == 2  # no intervals of final accuracies
    assert len(app.dataframe[0].value) == 3


def test_a_run_at_chance_level_is_named(open_page):
    alone, seed = (record(config("bn", number), predictions(dict.fromkeys(range(60), 3))) for number in (0, 1))
    ids = save(alone, seed, record(config("ln"), predictions({1: 2})))
    [warning] = open_page("compare", compare_runs=ids[::2]).warning
    assert warning.value == "**BN**: At chance level: it predicts one class for nearly every image."
    app = open_page("compare", compare_runs=[method_id(alone.config), ids[2]])
    [warning] = app.warning
    assert warning.value == "\n".join(
        f"- **BN, seed {number}**: At chance level: it predicts one class for nearly every image." for number in (0, 1)
    )
    assert {row["Method"]: row["Status"] for row in app.dataframe[0].value.to_dict("records")} == {
        "BN": "complete; at chance level",
        "LN": "complete",
    }
    assert not open_page("compare", compare_runs=ids[2]).warning


def test_every_graph_says_its_data_set_and_settings(open_page, shipped):
    app = open_page("compare")
    said = "digits, 1 epoch, batch 256, lr 0.1; BN + L1: seed 0, L1 0.0001; GN (4): seed 0; LN: seeds 0, 1"
    for figure in figures(app):
        subtitle = figure["layout"]["title"]["subtitle"]["text"]
        assert subtitle.replace("<br>", " ").replace("\u00a0", " ") == said
    for chart in app.get("plotly_chart")[-2:]:
        assert chart.proto.alt.endswith(f". {said}")
