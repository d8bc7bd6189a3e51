from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs

import streamlit as st

from core.normalization import set_count
from core.records import store as runs
from core.records.store import RunStore
from pages.parts.home.set_pictures import set_picture
from tests.pages.conftest import texts


def test_explains_the_three_norms_by_their_counts(open_page):
    app = open_page("home")
    said = texts(app)
    assert "C = 8 means" in said
    assert "N = 4 means" in said
    assert "N × G = 16 means" in said
    assert app.title[0].value == "Which numbers share a mean?"


def test_each_norm_stands_by_its_own_picture_with_its_own_sentence(open_page):
    said = [text.value for text in open_page("home").markdown]
    for sentence in (
        "**BatchNorm**: C = 8 means  \nOne mean per channel, over **all images** of the batch: in training, an image's "
        "result depends on the others.",
        "**LayerNorm**: N = 4 means  \nOne mean per image, over **all its channels**: the other images do not matter.",
        "**GroupNorm**: N × G = 16 means  \nOne mean per image and **group of channels**, here 4 groups of 2.",
    ):
        assert said.count(sentence) == 1


def test_before_any_run_it_says_so(open_page):
    said = texts(open_page("home"))
    assert "Nothing has been trained on this server yet" in said


def test_shows_the_latest_race_of_the_store_with_its_settings_and_a_link(open_page, trained, record):
    app = open_page("home")
    said = texts(app)
    accuracy = f"{record.epochs[-1].test_accuracy:.2f}"
    assert (
        f"**Latest finished race on this server**: BN {accuracy} % (digits, 2 epochs, batch 64, lr 0.1, seed 0)."
        in said
    )
    assert "Nothing has been trained" not in said
    assert links(app)["Compare its runs"] == {"compare_runs": [record.run_id]}


def test_a_race_that_still_runs_is_not_the_latest_finished_one(open_page, trained, record):
    open_page("home")  # a server that starts takes what says that it runs for stopped
    running = record.changed(config=replace(record.config, norm="ln"), status="running", epochs=record.epochs[:1])
    runs.save(running, trained.root)
    app = open_page("home")
    assert "**Latest finished race on this server**: BN " in texts(app)
    assert links(app)["Compare its runs"] == {"compare_runs": [record.run_id]}
    (trained.root / record.run_id / "run.json").unlink()
    said = texts(open_page("home"))
    assert "Latest finished race" not in said
    assert "Nothing has been trained" not in said


def links(app) -> dict[str, dict[str, list[str]]]:
    """What the links to other pages ask for."""
    return {link.proto.label: parse_qs(link.proto.query_string) for link in app.get("page_link")}


def test_shows_the_means_of_the_study(open_page, nothing_ships, shipped):
    for seed in (1, 2):
        for record in shipped[:3]:
            runs.save(record.changed(config=replace(record.config, seed=seed)), nothing_ships)
    st.cache_resource.clear()
    app = open_page("home")
    values = {metric.label: metric.value for metric in app.metric}
    expected = {r.label: f"{r.epochs[-1].test_accuracy:.2f} %" for r in shipped[:3]}
    assert values == expected  # three seeds that are copies of each other
    assert f"3 seeds: {expected['LN'][:-2]} to {expected['LN'][:-2]}" in texts(app)
    assert "Mean test accuracy on digits after 1 epoch." in texts(app)
    assert "Latest finished race" not in texts(app)
    assert [metric.label for metric in app.metric] == ["BN + L1", "LN", "GN (4)"]  # as in the pictures above
    explained = "BN + L1 is BatchNorm with an L1 penalty of 0.0001; LN is LayerNorm; GN (4) is GroupNorm with 4 groups."
    assert explained in texts(app)


def test_the_study_stays_on_the_first_page_whatever_is_trained_and_uploaded(open_page, nothing_ships, shipped):
    for seed in (1, 2):
        for one in shipped[:3]:
            runs.save(one.changed(config=replace(one.config, seed=seed)), nothing_ships)
    st.cache_resource.clear()
    before = {metric.label: metric.value for metric in open_page("home").metric}
    other = tuple(replace(row, test_accuracy=99.99) for row in shipped[0].epochs)
    runs.save(shipped[0].changed(epochs=other), RunStore().root)  # the same run again, on this server
    runs.save(shipped[1].changed(config=replace(shipped[1].config, seed=7), epochs=other), RunStore().root)
    app = open_page("home")
    assert {metric.label: metric.value for metric in app.metric} == before
    assert "3 seeds" in texts(app)
    assert "99.99" in texts(app)  # the other one is a race of this server
    # under the study's cards: these pages show the study by themselves
    assert links(app)["See the tests"] == links(app)["See what they got wrong"] == {}


def test_the_primary_button_leads_to_the_race(open_page):
    app = open_page("home")
    next(b for b in app.button if b.label == "Race them on MNIST").click().run()
    assert not app.exception
    assert app.title[0].value == "Race the norms"


def test_pictures_colour_exactly_one_set():
    for norm, cells in (("bn", 4), ("ln", 8), ("gn", 2), ("in", 1)):
        svg = set_picture(norm, n=4, c=8, groups=4, color="#123456")
        assert len(re.findall('fill="#123456"', svg)) == cells == 32 // set_count(norm, (4, 8, 1, 1), 4)
        assert len(re.findall("<rect", svg)) == 32
