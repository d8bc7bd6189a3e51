from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.lesson.order import STEPS
from core.records import store as runs
from core.records.store import RunStore
from pages.parts.shared.presenter import ENTER
from tests.pages.conftest import texts
from tests.pages.home.home_page import answer, links, said_by, tiles


def test_opens_with_the_tiles_of_three_norms_and_what_their_sets_are(open_page):
    app = open_page("home")
    assert app.title[0].value == "Normalization layers: which numbers share a mean?"
    data = tiles(app)
    found = [(n["name"], n["numbering"], n["grouping"], n["formula"], n["numbers"], n["color"]) for n in data["norms"]]
    assert found == [
        ("bn", ["G"], "each", "C", "N × H × W", "#0072B2"),
        ("ln", ["N", "G"], "one", "N", "C × H × W", "#D55E00"),
        ("gn", ["N", "G"], "chosen", "N × G", "(C/G) × H × W", "#009E73"),
    ]
    assert data["sizes"] == {"N": 4, "C": 8, "G": 4}
    assert data["words"]["said"] == (
        "The mean of image {image}, channel {channel} is taken over {bn} (BatchNorm), {ln} (LayerNorm) and {gn} "
        "(GroupNorm) tiles."
    )


def test_each_norm_has_its_own_sentence(open_page):
    assert [norm["short"] for norm in tiles(open_page("home"))["norms"]] == [
        "One mean per channel, over **all images** of the batch: in training an image's result depends on the others; "
        "at inference estimates kept from training take the place of these means.",
        "One mean per image, over **all its channels**: the other images do not matter.",
        "One mean per image and **group of channels**; here G = {g} and C/G = {per}.",
    ]


def test_before_any_run_it_says_so(open_page):
    said = texts(open_page("home"))
    assert "Nothing has been trained on this server yet" in said


def test_shows_the_latest_race_of_the_store_with_its_settings_and_a_link(open_page, trained, record):
    app = open_page("home")
    said = texts(app)
    accuracy = f"{record.epochs[-1].test_accuracy:.2f}"
    assert (
        f"**Newest runs on this server**: BN {accuracy} % (digits, 2 epochs, batch 64, lr 0.1, seed 0). One seed "
        "decides nothing." in said
    )
    assert "Nothing has been trained" not in said
    assert links(app)["Compare its runs"] == {"compare_runs": [record.run_id]}


def test_a_race_that_still_runs_is_not_the_latest_finished_one(open_page, trained, record):
    open_page("home")  # a server that starts takes what says that it runs for stopped
    running = record.changed(config=replace(record.config, norm="ln"), status="running", epochs=record.epochs[:1])
    runs.save(running, trained.root)
    app = open_page("home")
    assert "**Newest runs on this server**: BN " in texts(app)
    assert links(app)["Compare its runs"] == {"compare_runs": [record.run_id]}
    (trained.root / record.run_id / "run.json").unlink()
    said = texts(open_page("home"))
    assert "Newest runs" not in said
    assert "Nothing has been trained" not in said


def test_shows_the_means_of_the_study(open_page, nothing_ships, shipped):
    for seed in (1, 2):
        for record in shipped[:3]:
            runs.save(record.changed(config=replace(record.config, seed=seed)), nothing_ships)
    st.cache_resource.clear()
    app = open_page("home")
    bn, gn, ln = (f"{100 - r.epochs[-1].test_accuracy:.2f} %" for r in shipped[:3])
    # three seeds that are copies of each other, in the order of the tiles
    assert (
        f"Here, after 1 epoch of digits, BN + L1 is wrong on {bn} of the test images, LN on {ln} and GN (4) on {gn} "
        "(means of 3 seeds; those of one method differ by up to 0.00 points)." in said_by(app)
    )
    assert "Newest runs" not in texts(app)


def test_the_study_stays_on_the_first_page_whatever_is_trained_and_uploaded(open_page, nothing_ships, shipped):
    for seed in (1, 2):
        for one in shipped[:3]:
            runs.save(one.changed(config=replace(one.config, seed=seed)), nothing_ships)
    st.cache_resource.clear()
    before = study_sentence(open_page("home"))
    other = tuple(replace(row, test_accuracy=99.99) for row in shipped[0].epochs)
    runs.save(shipped[0].changed(epochs=other), RunStore().root)  # the same run again, on this server
    runs.save(shipped[1].changed(config=replace(shipped[1].config, seed=7), epochs=other), RunStore().root)
    app = open_page("home")
    assert study_sentence(app) == before
    assert "3 seeds" in before
    assert "99.99" not in before
    assert "99.99" in texts(app)  # the other one is a race of this server
    assert links(app)["See the tests"] == {}  # that page shows the study by itself


def study_sentence(app) -> str:
    [found] = [words for row in answer(app) for words, *_ in row["numbers"] if "epoch of digits" in words]
    return found


def test_the_first_button_leads_to_the_lesson(open_page):
    app = open_page("home")
    of_the_page = [b.label for b in app.button if b.key != ENTER]
    assert of_the_page == ["Start the lesson", "A norm against none", "Race them on MNIST"]
    app.button[0].click().run()
    assert not app.exception
    assert app.title[0].value == STEPS[1].question


def test_the_second_button_leads_to_a_race_with_a_norm_and_without_one(open_page):
    app = open_page("home")
    app.button[1].click().run()
    assert not app.exception
    assert not app.warning
    assert app.title[0].value == "Race the norms"
    assert [app.selectbox(key=f"train_{n}_norm").value for n in (1, 2)] == ["bn", "none"]
    assert app.selectbox(key="train_1_l1").value == "off"
    assert app.session_state["train_variants"] == 2


def test_the_third_button_leads_to_the_race(open_page):
    app = open_page("home")
    next(b for b in app.button if b.label == "Race them on MNIST").click().run()
    assert not app.exception
    assert app.title[0].value == "Race the norms"
