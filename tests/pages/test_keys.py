"""A key is one widget's in the whole app: a session has one value under it, whatever page or step wrote it last."""

from __future__ import annotations

from collections import defaultdict

from core.experiments.listed import EXPERIMENTS
from core.lesson.order import QUESTIONS
from core.records.store import SHIPPED_ENV
from pages.parts.lesson.address import CLASS_ROOM, SAID, SHOWN, STEP
from pages.parts.statistics.address import NORM, SOURCE, SOURCES, TAB, TABS
from pages.parts.train.address import MORE

PLACES = [
    ("home", {}),
    ("lesson", {CLASS_ROOM.name: "true"}),
    *(("lesson", {STEP.name: str(number)}) for number in range(1, QUESTIONS + 1)),
    *(("lesson", {STEP.name: str(number), said.name: SHOWN}) for number, said in SAID.items()),
    *(("statistics", {NORM.name: "GroupNorm", SOURCE.name: source}) for source in SOURCES),
    *(("statistics", {TAB.name: tab}) for tab in TABS),
    ("train", {}),
    *(("lab", {"lab_experiment": found.name, "lab_said": said}) for found in EXPERIMENTS for said in ("", "1")),
    ("compare", {}),
    ("misclassified", {}),
]


def test_no_two_kinds_of_widgets_share_a_key(open_page, nothing_ships, monkeypatch):
    monkeypatch.delenv(SHIPPED_ENV)
    kinds = defaultdict(set)
    for page, parameters in PLACES:
        app = open_page(page, state={MORE: True}, **parameters)
        for element in app:
            if element.type != "flex_container" and (key := getattr(element, "key", None)):
                kinds[key].add((element.type, getattr(element.proto, "component_name", "")))
    assert not {key: found for key, found in kinds.items() if len(found) > 1}
    assert {"stats_norm", "lesson_guess", "lesson_drawn", "lab_contrast", "train_seed", "compare_zoom"} <= set(kinds)
