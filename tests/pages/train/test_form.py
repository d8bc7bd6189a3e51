"""The form of a race: what an address, a preset or a control sets, what is refused, and what reaches the run."""

from __future__ import annotations

import pytest

from core.catalogue import NORMS
from core.config import RunConfig, preset
from core.model import fastest_precision
from pages.parts.shared.runtime import registry
from pages.parts.train.address import L1_STEPS, MORE
from tests.pages.conftest import texts
from tests.pages.train.test_train import _by_label, _race, _start

OPEN = {MORE: True}
"""The section of the form that a person opens before anything in it is chosen."""


def test_the_closed_section_is_not_drawn_and_its_race_is_the_one_of_the_open_section(open_page):
    where = {"train_dataset": "digits", "train_epochs": "1"}
    closed, opened = open_page("train", **where), open_page("train", state=OPEN, **where)
    assert [box.label for box in closed.selectbox] == ["Data set"]
    assert {"train_3_norm", "train_2_l2"} <= {box.key for box in opened.selectbox}
    for app in (closed, opened):
        shown = registry().snapshot(_race(_start(app)))
        precision = fastest_precision()
        assert [v.config for v in shown.variants] == list(
            preset("assignment", dataset="digits", epochs=1, precision=precision)
        )


def test_what_is_chosen_in_the_section_stays_when_it_is_closed(open_page):
    app = open_page("train", state=OPEN)
    app.number_input(key="train_seed").set_value(7).run()
    app.session_state[MORE] = False
    app.run()
    assert app.number_input(key="train_seed").value == 7
    app.number_input(key="train_seed").set_value(0).run()
    app.run()
    assert not app.exception
    assert not app.number_input
    app.session_state[MORE] = True
    app.run()
    assert app.number_input(key="train_seed").value == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("train_epochs", "0"),
        ("train_epochs", "999"),
        ("train_lr", "nan"),
        ("train_seed", "-1"),
        ("train_batch_size", "17"),
        ("train_batch_size", "0"),
        ("train_scale", "1.5"),
        ("train_dataset", "imagenet"),
        ("train_1_norm", "xx"),
        ("train_2_groups", "3"),
        ("train_1_l1", "-1"),
        ("train_1_l1", "2"),
        ("train_2_l2", "nan"),
        ("train_2_l2", "much"),
        ("train_variants", "99"),
    ],
)
def test_garbage_in_the_address_gets_a_sentence_and_the_default(open_page, name, value):
    app = open_page("train", state=OPEN, **{name: value})
    (warning,) = app.warning
    assert f"{name} = '{value}'" in warning.value
    assert "default is used" in warning.value
    assert app.slider(key="train_epochs").value == 5
    assert app.selectbox(key="train_1_norm").value == "bn"
    assert app.slider(key="train_variants").value == 3


@pytest.mark.parametrize("value", ["inf", "1e999", "nan"])
def test_a_seed_that_is_no_number_is_said_and_can_be_set(open_page, value):
    app = open_page("train", state=OPEN, train_seed=value)
    assert f"train_seed = '{value}'" in texts(app)
    assert app.number_input(key="train_seed").value == 0
    app.number_input(key="train_seed").set_value(7).run()
    assert not app.exception
    assert app.number_input(key="train_seed").value == 7


def test_an_address_sets_the_cards(open_page):
    app = open_page("train", train_variants="1", train_1_norm="GroupNorm", train_1_groups="8", train_1_l1="1e-3")
    assert not app.warning
    assert [s.label for s in app.selectbox] == ["Data set", "Norm 1", "L1", "L2"]
    assert app.select_slider(key="train_1_groups").value == 8
    assert app.selectbox(key="train_1_l1").value == "1e-3"


def test_every_control_reaches_the_run(open_page):
    asked = {"dataset": "digits", "epochs": "2", "batch_size": "64", "lr": "0.05", "seed": "7", "augment": "false"}
    card = {"norm": "GroupNorm", "groups": "8", "l1": "1e-3", "l2": "5e-4"}
    parameters = {f"train_{name}": value for name, value in asked.items()}
    parameters |= {f"train_1_{name}": value for name, value in card.items()}
    app = _start(open_page("train", train_variants="1", **parameters))
    assert not app.exception
    (variant,) = registry().snapshot(_race(app)).variants
    assert variant.config == RunConfig(
        norm="gn",
        groups=8,
        l1=1e-3,
        l2=5e-4,
        epochs=2,
        batch_size=64,
        lr=0.05,
        seed=7,
        dataset="digits",
        augment=False,
        precision=fastest_precision(),
    )


def test_the_address_leaves_out_what_is_the_cards_default_and_nothing_else(open_page):
    """A preset's values may equal the first option of their control; that is not the default of the card."""
    app = open_page("train", state=OPEN)
    app.button(key="train_preset_session6").click().run()
    app.run()
    assert app.selectbox(key="train_3_norm").value == "bn"
    # what the front end compares with to leave a value out of the address
    defaults = {b.key: b.proto.default for b in app.selectbox}
    assert [defaults[f"train_{i}_norm"] for i in (1, 2, 3)] == [list(NORMS).index(n) for n in ("bn", "gn", "ln")]
    assert defaults["train_1_l1"] == L1_STEPS.index("1e-4")
    assert list(app.slider(key="train_variants").proto.default) == [3]


@pytest.mark.parametrize("most", ["1", "2"])
def test_small_limits_of_a_server(open_page, monkeypatch, most):
    monkeypatch.setenv("NORMLENS_MAX_VARIANTS", most)
    monkeypatch.setenv("NORMLENS_MAX_EPOCHS", most)
    app = open_page("train", state=OPEN, train_dataset="digits")
    app.run()
    app.button(key="train_preset_all").click().run()
    assert not app.exception
    app = _start(app)
    assert not app.error
    variants = registry().snapshot(_race(app)).variants
    assert len(variants) == int(most)
    assert {v.config.epochs for v in variants} == {int(most)}


def test_an_address_that_becomes_impossible_later_is_said(open_page):
    """Back in the browser's history may bring a value that the page has refused before."""
    app = open_page("train", train_seed="5")
    assert app.number_input(key="train_seed").value == 5
    app.query_params["train_seed"] = "inf"
    app.run()
    assert not app.exception
    assert "train_seed = 'inf'" in texts(app)
    assert app.number_input(key="train_seed").value == 0


def test_half_an_epoch_is_the_default(open_page):
    app = open_page("train", train_epochs="2.5")
    assert "train_epochs = '2.5'" in texts(app)
    assert app.slider(key="train_epochs").value == 5


def test_a_preset_fills_the_cards(open_page):
    app = open_page("train", state=OPEN)
    app.button(key="train_preset_session6").click().run()
    cards = [(app.selectbox(key=f"train_{i}_norm").value, app.selectbox(key=f"train_{i}_l1").value) for i in (1, 2, 3)]
    assert cards == [("gn", "1e-4"), ("ln", "off"), ("bn", "1e-4")]
    assert [app.selectbox(key=f"train_{i}_l2").value for i in (1, 2, 3)] == ["off", "2.5e-4", "2.5e-4"]
    app.button(key="train_preset_all").click().run()
    assert not app.exception
    assert [app.selectbox(key=f"train_{i}_norm").value for i in range(1, 6)] == ["bn", "ln", "gn", "in", "none"]


def test_a_preset_brings_its_own_groups(open_page):
    app = open_page("train", train_2_groups="8", train_2_l1="1e-3")
    assert app.select_slider(key="train_2_groups").value == 8
    app.button(key="train_preset_assignment").click().run()
    assert not app.exception
    assert (app.selectbox(key="train_2_norm").value, app.select_slider(key="train_2_groups").value) == ("gn", 4)
    assert app.selectbox(key="train_2_l1").value == "off"


def test_groups_are_offered_for_groupnorm_only_and_only_divisors(open_page):
    app = open_page("train", state=OPEN)
    (groups,) = _by_label(app.select_slider, "Groups")
    assert groups.options == ["1", "2", "4", "8", "16"]


def test_two_equal_variants_do_not_start(open_page):
    app = open_page("train", train_variants="2", train_1_norm="LayerNorm", train_1_l1="off", train_2_norm="LayerNorm")
    _start(app)
    (error,) = app.error
    assert "two variants are the same run" in error.value
    assert "race" not in app.query_params


def test_a_link_that_names_its_data_set_still_gets_it(open_page):
    app = open_page("train", train_dataset="MNIST", train_epochs="3")
    assert not app.warning
    assert app.selectbox(key="train_dataset").value == "mnist"
    assert app.slider(key="train_epochs").value == 3
    told = app.selectbox(key="train_dataset").help
    assert "On MNIST, 0.01 points of accuracy are one of the 10,000 test images." in told
