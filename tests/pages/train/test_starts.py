"""Before and after a race: one-click starts, the form in one line, what the race has shown, its program."""

from __future__ import annotations

import ast
import json
from dataclasses import replace

import pytest

from core.catalogue import NORMS
from core.config import ConfigError, RunConfig, preset
from core.experiments.listed import EXPERIMENTS as LAB
from core.jobs.race import Race
from core.jobs.standing import places
from core.jobs.verdict import verdict
from core.jobs.words import settings
from core.model import fastest_precision
from core.standalone.program import notebook, script
from pages.parts.shared.runtime import registry
from pages.parts.train import after, starts
from pages.parts.train.address import MORE, strength
from tests.pages.conftest import finished, texts, wait
from tests.pages.train.test_train import _race, _start, bars, said

CHANGE = "**Change, or start another**"
ONE = {"train_dataset": "digits", "train_epochs": "1", "train_variants": "1"}


def _configs(app):
    return [variant.config for variant in registry().snapshot(_race(app)).variants]


def _click(app, name):
    app.button(key=f"train_one_click_{name}").click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("why", [RunConfig(norm=norm, dataset="mnist-small", epochs=3) for norm in ("bn", "none")]),
        ("exercise", preset("assignment", dataset="mnist", epochs=20)),
        ("all", preset("all", dataset="mnist-small", epochs=5)),
    ],
)
def test_one_click_starts_the_race_that_answers_the_question(open_page, name, expected):
    app = _click(open_page("train", train_batch_size="16", train_scale="true", train_seed="3"), name)
    found = _configs(app)
    registry().cancel(_race(app))
    assert [config.to_dict() | {"precision": "fp32"} for config in found] == [c.to_dict() for c in expected]
    assert {config.precision for config in found} == {fastest_precision()}
    # the form holds it, too: another start by the form gives the same
    assert app.selectbox(key="train_dataset").value == expected[0].dataset
    assert app.slider(key="train_epochs").value == expected[0].epochs
    assert app.slider(key="train_variants").value == len(expected)
    assert app.select_slider(key="train_batch_size").value == 128
    assert app.toggle(key="train_scale").value is False
    assert app.number_input(key="train_seed").value == 0
    norms = [app.selectbox(key=f"train_{i}_norm").value for i in range(1, len(expected) + 1)]
    assert norms == [config.norm for config in expected]


def test_one_click_keeps_to_the_limits_of_a_server(open_page, monkeypatch):
    monkeypatch.setenv("NORMLENS_MAX_VARIANTS", "2")
    monkeypatch.setenv("NORMLENS_MAX_EPOCHS", "1")
    app = _click(open_page("train"), "all")
    registry().cancel(_race(app))
    assert [(config.norm, config.epochs) for config in _configs(app)] == [("bn", 1), ("ln", 1)]


def test_the_expected_time_is_measured_or_not_said(open_page):
    app = open_page("train", state={MORE: True})
    assert "About" not in texts(app)
    registry().rate, registry().rate_batch = 1000.0, 128
    told = texts(app.run())
    assert "BN against no norm, 3 epochs of small MNIST. About 36 s here." in told  # 2 * 3 * 6,000 images
    assert "The exercise that this app grew from: all of MNIST, 20 epochs. About 60 min 00 s here." in told
    assert "About 1 min 30 s at the rate of the last race on this server." in told  # 3 * 5 * 6,000
    app.select_slider(key="train_batch_size").set_value(1).run()
    assert "at the rate of the last race" not in texts(app)


def test_a_race_that_the_server_would_stop_is_told_of(open_page, monkeypatch):
    monkeypatch.setenv("NORMLENS_RACE_MINUTES", "1")
    registry().rate, registry().rate_batch = 1000.0, 128
    assert "This server stops a race after 1 min 00 s; finished epochs are kept." in texts(open_page("train"))


def test_a_start_closes_the_form_into_a_line_of_settings(open_page):
    app = open_page("train", **ONE)
    assert "batch 128" not in said(app)
    app = finished(_start(app))
    told = f"{settings(registry().snapshot(_race(app)))} {CHANGE}"
    assert told.startswith("digits: 1 epoch, batch 128, lr 0.1, seed 0")
    (line,) = (e for e in app.expander if e.label == told)
    assert not line.proto.expanded
    app.session_state["train_form_1"] = True
    app.run()
    (line,) = (e for e in app.expander if e.label == told)
    assert line.proto.expanded
    app = _start(app.number_input(key="train_seed").set_value(4).run())
    (line,) = (e for e in app.expander if e.label.endswith(CHANGE))
    assert not line.proto.expanded
    assert [config.seed for config in _configs(app)] == [4]
    finished(app)


def test_the_learning_rate_goes_with_the_batch_size_on_request_and_is_said(open_page):
    app = open_page("train", **ONE, train_batch_size="512")
    app.toggle(key="train_scale").set_value(True).run()
    assert "The highest learning rate of this race is **0.4**: 0.1 × 512 / 128." in texts(app)
    app = finished(_start(app))
    assert [config.lr for config in _configs(app)] == [0.4]
    assert "lr 0.4" in said(app)


def test_batches_of_one_image_train_every_norm(open_page):
    """BN, too: torch refuses one value a channel, and its last layer still has several positions."""
    app = open_page("train", train_dataset="digits", train_epochs="1", train_batch_size="1", train_scale="true")
    app.button(key="train_preset_all").click().run()
    app = wait(_start(app), lambda a: "epoch 1 of 1, batch" in "".join(h.proto.body for h in a.get("html")))
    wait(app, lambda a: all(v.batch > 2 for v in registry().snapshot(_race(a)).variants))
    race = registry().snapshot(_race(app))
    registry().cancel(_race(app))
    assert [(v.config.batch_size, v.config.lr, v.batches) for v in race.variants] == [(1, 0.1 / 128, 1438)] * 5
    assert "failed" not in {v.status for v in race.variants}


def test_a_typed_penalty_reaches_the_run(open_page):
    typed = {"2e-4": 2e-4, "0.00033": 0.00033, "0": 0.0, "1e-3": 1e-3}
    cards = {f"train_{card}_l1": text for card, text in enumerate(typed, start=1)}
    both = {**cards, **{f"train_{card}_l2": "5e-4" for card in range(1, 5)}}
    app = open_page("train", **{**ONE, "train_variants": "4"}, **both)
    assert not app.warning
    assert {key: app.selectbox(key=key).value for key in cards} == cards
    app = _start(app)
    assert [(config.l1, config.l2) for config in _configs(app)] == [(value, 5e-4) for value in typed.values()]
    finished(app)


@pytest.mark.parametrize("text", ["much", "-1", "1.01", "nan", "inf", ""])
def test_what_is_typed_and_is_no_strength_is_explained(text):
    with pytest.raises(ConfigError) as caught:
        strength(text)
    assert str(caught.value) == f"{text!r} is no strength of a penalty; use off or a number from 0 to 1, such as 2e-4"


def test_after_a_race_it_says_what_was_seen_and_where_to_look_next(open_page):
    app = finished(_start(open_page("train", **ONE)))
    found = verdict(registry().snapshot(_race(app)))
    assert found.sentence.startswith("You just saw ")
    assert found.sentence in texts(app)
    links = {link.proto.query_string: link.proto.label for link in app.get("page_link")}
    for name in found.look_at:
        assert links[f"lab_experiment={name}"] == after.EXPERIMENTS[name]


def test_the_lab_calls_its_experiments_so():
    assert after.EXPERIMENTS.items() <= {experiment.name: experiment.title for experiment in LAB}.items()


def test_a_race_is_taken_away_as_a_script_and_as_a_notebook(open_page, monkeypatch):
    given = {}
    monkeypatch.setattr(after.st, "download_button", lambda label, data, name, *_, **__: given.update({name: data}))
    app = finished(_start(open_page("train", **ONE)))
    configs = _configs(app)
    assert given["race.py"]() == script(configs)
    ast.parse(given["race.py"]())
    assert given["race.ipynb"]() == notebook(configs)
    assert json.loads(given["race.ipynb"]())["nbformat"] == 4


def test_every_one_click_start_is_a_race_that_answers_its_question_with_every_seed():
    answers = {"why": "who is fastest", "exercise": "who is behind", "all": "who is fastest"}
    assert {each.name: each.asked for each in starts.ONE_CLICKS} == answers
    for each in starts.ONE_CLICKS:
        configs = each.configs()
        assert len({config.run_id for config in configs}) == len(configs) > 1
        for seed in (0, 3):
            race = Race([replace(config, seed=seed) for config in configs]).snapshot()
            assert starts.asked(race) == each.asked
        assert starts.asked(Race([replace(config, lr=0.2) for config in configs]).snapshot()) == "who is behind"


def test_a_race_by_one_click_ends_with_who_learned_fastest(open_page, monkeypatch):
    small = replace(starts.ONE_CLICKS[0], dataset="digits", epochs=1)
    monkeypatch.setattr(starts, "ONE_CLICKS", (small,))
    app = finished(_click(open_page("train"), "why"))
    race = registry().snapshot(_race(app))
    assert verdict(race, "who is fastest").sentence in texts(app)
    # the rows are those of the standing now
    _, rows, found = bars(app)
    order = sorted(zip(places(race), race.variants, strict=True), key=lambda one: one[0])
    assert [(cells[0], cells[2]) for cells in rows] == [(variant.label, str(place)) for place, variant in order]
    colors = [NORMS[variant.config.norm].color for _, variant in order]
    assert [bar["style"] for bar in found] == [f"width: 100%; background: {color}" for color in colors]
