"""One picture at a time to save as SVG: both graphs of the study, the charts of the lesson, and those of the lab.

The browser makes the file: the camera in the picture's corner. On the server plotly would need a browser for it.
"""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from core.comparison.graphs import accuracy_figure, in_words, loss_figure
from core.comparison.methods import Method, as_methods, in_first_race, method_id
from core.experiments.listed import EXPERIMENTS
from core.experiments.partial import of_table
from pages.parts.lesson.address import CLASS_FIGURE
from pages.parts.lesson.choice import intervals_to_save
from pages.parts.lesson.dependence import ANOTHER, movement
from pages.parts.lesson.inference import answers_to_save, estimates_to_save
from pages.parts.lesson.why import AFTER, BEFORE, layers_to_save
from pages.parts.shared.address import select
from pages.parts.shared.lab_tables import full_table
from pages.parts.shared.library import study_runs

NONE = "none"
GRAPHS = {"graph1": "Graph 1: test loss", "graph2": "Graph 2: test accuracy"}
STEPS: dict[str, tuple[str, Callable[[], tuple[go.Figure, str] | None]]] = {
    "step1-before": ("Step 1: layers before training", lambda: layers_to_save(BEFORE)),
    "step1-after": ("Step 1: layers after one epoch", lambda: layers_to_save(AFTER)),
    "step4": ("Step 4: change of image 1", lambda: movement(ANOTHER.default)),
    "step5": ("Step 5: right answers in training mode", answers_to_save),
    "step5-estimates": ("Step 5: running estimates", estimates_to_save),
    "step7": ("Step 7: the study's intervals", intervals_to_save),
}
"""The charts of the lesson: their names and how they are drawn. What it draws by its own pieces is none of them."""
WHICH = "Both graphs of the study, the charts of steps 1, 4, 5 and 7, and every picture of the lab."
HOW = "The camera in the corner of the picture saves it as SVG, with a white background, as large as it is here."
NO_PICTURE = "This picture cannot be drawn: its runs or its table do not come with this server."
TOOLBAR = ("zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d", "select2d", "lasso2d")


def figure_to_save() -> None:
    """The choice, and the picture with its camera; nothing is drawn before one is chosen."""
    names = {
        NONE: "Choose a picture",
        **GRAPHS,
        **{name: label for name, (label, _) in STEPS.items()},
        **{e.name: f"Lab: {e.title}" for e in EXPERIMENTS},
    }
    st.markdown(WHICH)
    chosen = select(
        "Picture", list(names), CLASS_FIGURE, name=names.__getitem__, width=420, label_visibility="collapsed"
    )
    if chosen == NONE:
        return
    found = _graph(chosen) if chosen in GRAPHS else STEPS[chosen][1]() if chosen in STEPS else _lab(chosen)
    if found is None:
        st.caption(NO_PICTURE)
        return
    figure, words = found
    st.caption(HOW)
    st.plotly_chart(
        # not in the colours of the page, which may be dark: for paper
        figure.update_layout(template="plotly_white", paper_bgcolor="white", plot_bgcolor="white"),
        theme=None,
        key="class_picture",
        alt=words,
        config={
            "displaylogo": False,
            "displayModeBar": True,
            "modeBarButtonsToRemove": list(TOOLBAR),
            "toImageButtonOptions": {"format": "svg", "filename": f"normlens_{chosen}"},
        },
    )


def study_methods() -> list[Method]:
    """The methods of the study's first race, with all their seeds."""
    runs = study_runs()
    first = {method_id(run.config) for run in in_first_race(runs)}
    return [method for method in as_methods(runs) if method_id(method.config) in first]


def _graph(name: str) -> tuple[go.Figure, str] | None:
    methods = study_methods()
    if not methods:
        return None
    figure = loss_figure(methods) if name == "graph1" else accuracy_figure(methods)
    return figure, in_words(methods, "test_loss" if name == "graph1" else "test_accuracy", "epochs")


def _lab(name: str) -> tuple[go.Figure, str] | None:
    experiment = next(e for e in EXPERIMENTS if e.name == name)
    table = full_table(experiment)[0]
    figure = None if table is None else of_table(experiment.picture, table)
    if table is None or figure is None:
        return None
    return figure, of_table(experiment.words, table) or experiment.question
