"""One test image under every chosen run: ten probabilities from the weights, and what each layer makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.catalogue import NORMS, SET_NORMS
from core.config import RunConfig
from core.data.datasets import on_disk
from core.four_images.networks import usable
from core.misclassified.grid import enlarge
from core.misclassified.matrix import probabilities_figure
from core.misclassified.one_image import ImageView, LayerMoments, image_view, in_words, kept_image, layer_moments
from core.records.network import trained_model
from core.records.record import Predictions, RecordError, RunRecord
from pages.parts.misclassified.address import IMAGE, LAYERS_OF, image_code
from pages.parts.misclassified.state import Run, close_image, open_image, run_settings
from pages.parts.shared.address import asked, choice_key, plain, select, take, write
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.choices import give
from pages.parts.shared.library import full_record, origin

FACTOR = 8
ON_STATISTICS = "Statistics shows it as image 1 of four, in the network of this run."
ON_STATISTICS_ELSEWHERE = (
    "Statistics shows it as image 1 of four, in the study's network with this norm: it looks into no uploaded run, "
    "into none that still trains and into none of another width."
)
Found = Sequence[tuple[Run, Predictions]]


def one_image(groups: Sequence[Found], notice: st.delta_generator.DeltaGenerator) -> None:
    """Open the image that the address names, if any; ``groups`` are the runs of one test set each.

    notice: where it is said that the image cannot be shown.
    """
    code = asked(IMAGE)
    if code is None:
        return
    index, tag = code
    runs = next((group for group in groups if group[0][1].fingerprint.startswith(tag)), None)
    if runs is None:
        problem = f"The link asks for {IMAGE.name} = {plain(repr(IMAGE.text(code)))}, which is not possible here."
    elif index >= len(runs[0][1].true):
        problem = f"The link asks for test image {index}; there are 0 to {len(runs[0][1].true) - 1}."
    elif kept_image([found for _, found in runs], index) is None:
        problem = f"Test image {index} is right under every chosen run, so there is no mistake to look at."
    else:
        _dialog(runs, tag)
        return
    notice.warning(problem, icon=":material/link_off:")
    close_image()


@st.dialog("One image under every run", width="large", on_dismiss=close_image)
def _dialog(runs: Found, tag: str) -> None:
    # the address says which image: a button in here changes it without a run of the whole page
    code = asked(IMAGE)
    if code is None:
        return
    every = np.unique(np.concatenate([found.wrong_index for _, found in runs])).tolist()
    index = _choose(code[0], every, runs, tag)
    records = {run.name: full_record(run.run_id) for run, _ in runs}
    there = [(name, record) for name, record in records.items() if record is not None]
    try:
        view = _view(tuple((name, record.digest) for name, record in there), there, index)
    except LookupError:
        st.warning("These runs have changed meanwhile, and none gets this image wrong any more. Choose another one.")
        return
    classes = runs[0][0].classes
    left, right = st.columns([1, 3], gap="large")
    with left:
        st.image(enlarge(255 - view.image, FACTOR), alt=f"Test image {index}, true {classes[view.true]}", width=224)
    with right:
        wrong = sum(answer.predicted != view.true for answer in view.answers)
        st.markdown(f"True class **{classes[view.true]}**; wrong in {wrong} of {len(view.answers)} runs.")
        st.markdown("\n".join(f"- {sentence}" for sentence in in_words(view, classes)))
        st.caption(run_settings([run for run, _ in runs]))
        if view.missing:
            st.caption(f"No usable weights: {', '.join(view.missing)}.")
    if view.answers:
        _probabilities(view, classes)
        _layers(view, dict(there), runs)


def _choose(index: int, every: list[int], runs: Found, tag: str) -> int:
    place = every.index(index)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for label, icon, step in (
            ("Previous", ":material/chevron_left:", -1),
            ("Next", ":material/chevron_right:", 1),
        ):
            code = image_code(every[(place + step) % len(every)], tag)
            st.button(label, icon=icon, key=f"wrong_step_{step}", on_click=open_image, args=(code,))
        key = choice_key(IMAGE)
        give(key, index)  # the address leads; jump() has put a choice made here into it already

        def jump() -> None:
            # called too where the browser still holds the choice of a dialog that it does not know to be closed
            if asked(IMAGE) is not None:
                take(IMAGE, image_code(st.session_state[key], tag), write)

        def name(number: int) -> str:
            wrong = sum(bool(found.true[number] != found.predicted[number]) for _, found in runs)
            return f"image {number}, wrong in {wrong} of {len(runs)}"

        return st.selectbox("Test image", every, format_func=name, key=key, on_change=jump, width=300)


@st.cache_resource(show_spinner=False, max_entries=64, scope="session")
def _view(marks: tuple[tuple[str, str], ...], _there: list[tuple[str, RunRecord]], index: int) -> ImageView:
    # of one visitor, since a record may be an upload, and by what it holds: it may bear the id of another
    return image_view(_there, index)


def _probabilities(view: ImageView, classes: Sequence[str]) -> None:
    names = [answer.name for answer in view.answers]
    table = np.stack([answer.probabilities for answer in view.answers])  # (runs, 10)
    st.plotly_chart(
        probabilities_figure(names, table, classes, view.true, dark=st.context.theme.type == "dark"),
        key="wrong_probabilities",
        config=NO_TOOLBAR,
        alt=f"Ten probabilities of test image {view.index} under each run: "
        + "; ".join(f"{a.name} {classes[a.predicted]} {100 * a.confidence:.1f} %" for a in view.answers),
    )
    with st.expander("As a table"):
        frame = pd.DataFrame(100 * table, columns=list(classes))
        frame.insert(0, "Run", names)
        frame.insert(1, "Predicted", [classes[answer.predicted] for answer in view.answers])
        st.dataframe(
            frame,
            hide_index=True,
            alt="Percent of each class under every run",
            column_config=dict.fromkeys(classes, st.column_config.NumberColumn(format="%.2f")),
        )


def _layers(view: ImageView, records: dict[str, RunRecord], runs: Found) -> None:
    st.markdown("**Through the layers**: mean and variance over all cells of this image, inference mode.")
    st.caption(
        "The values after a norm include γ and β. Without them they would be 0 and 1, except under BatchNorm, which "
        "uses the running statistics of its training here."
    )
    by_id = {run.run_id: run for run, _ in runs if run.name in {answer.name for answer in view.answers}}
    picked = select("Under", list(by_id), LAYERS_OF, name=lambda i: by_id[i].name, width=300)
    record = records[by_id[picked].name]
    try:
        rows = layer_moments(trained_model(record), view.image, record.config.dataset)
    except RecordError:
        return  # it went between two reads: the probabilities stand
    st.dataframe(
        pd.DataFrame([_row(row) for row in rows]),
        hide_index=True,
        alt=f"Mean and variance at each norm of {by_id[picked].name} for test image {view.index}",
        column_config=dict.fromkeys(
            ("Mean before", "Variance before", "Mean after", "Variance after"),
            st.column_config.NumberColumn(format="%.3f"),
        ),
    )
    _statistics_link(view, record)


def _row(row: LayerMoments) -> dict[str, object]:
    return {
        "Norm": row.layer,
        "Channels × height × width": " × ".join(str(n) for n in row.shape),
        "Mean before": row.mean_before,
        "Variance before": row.var_before,
        "Mean after": row.mean_after,
        "Variance after": row.var_after,
    }


def _statistics_link(view: ImageView, record: RunRecord) -> None:
    """A link to the Statistics page with this image as its first, in the network of this run.

    That page shows no upload, nothing that still changes and no other width: there it is the study's network. It
    downloads no images.
    """
    config = record.config
    if config.norm not in SET_NORMS or config.validation or not on_disk(config.dataset):
        return
    of_this_run = origin(record.run_id) != "uploaded" and usable(record.summary)
    parameters = {
        "stats_norm": NORMS[config.norm].title,
        "stats_source": "Real images",
        "stats_image1": str(view.index),
        **({"stats_run": record.run_id} if of_this_run else {"stats_data": config.dataset}),
    }
    if NORMS[config.norm].grouping == "chosen" and RunConfig.width % config.groups == 0:
        parameters["stats_groups"] = str(config.groups)
    st.page_link(
        "pages/statistics.py",
        label="See every mean and variance of this image",
        icon=":material/grid_on:",
        query_params=parameters,
    )
    st.caption(ON_STATISTICS if of_this_run else ON_STATISTICS_ELSEWHERE)
