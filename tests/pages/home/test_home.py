from __future__ import annotations

import re
from dataclasses import replace

import streamlit as st

from core.normalization import set_count
from core.records import store as runs
from pages.parts.home.set_pictures import set_picture
from tests.pages.conftest import texts


def test_explains_the_three_norms_by_their_counts(open_page):
    app = open_page("home")
    said = texts(app)
    assert "C = 8 means" in said
    assert "N = 4 means" in said
    assert "N × G = 16 means" in said
    assert app.title[0].value == "Which numbers share a mean?"


def test_before_any_run_it_says_so(open_page):
    said = texts(open_page("home"))
    assert "Nothing has been trained on this server yet" in said


def test_shows_the_latest_race_of_the_store(open_page, trained, record):
    said = texts(open_page("home"))
    assert f"**Latest race on this server**, digits: BN {record.epochs[-1].test_accuracy:.2f} %." in said
    assert "Nothing has been trained" not in said


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
    assert "Latest race" not in texts(app)
    assert [metric.label for metric in app.metric] == ["BN + L1", "LN", "GN (4)"]  # as in the pictures above
    explained = "BN + L1 is BatchNorm with an L1 penalty of 0.0001; LN is LayerNorm; GN (4) is GroupNorm with 4 groups."
    assert explained in texts(app)


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
