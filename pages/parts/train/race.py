"""A race as it runs: bars, curves, standing. Polls a snapshot; the race itself never notices."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.config import ConfigError
from core.jobs.queue import BusyError
from core.jobs.snapshots import RaceSnapshot
from core.jobs.words import headline, progress_text
from pages.parts.shared.address import keep
from pages.parts.shared.runtime import registry
from pages.parts.train.address import RACE, SEED
from pages.parts.train.curves import race_curves
from pages.parts.train.weights import race_weights

REFRESH_SECONDS = 1.0


def race_view(race_id: str) -> None:
    """Show the race until it ends, then run the page once more, so that what follows a race appears."""
    snapshot = registry().snapshot(race_id)
    if snapshot is None:
        st.info(
            "This server does not know that race any more: it was restarted, or many others came since. "
            "Runs that finished are kept and can be compared.",
            title="Race not found",
            icon=":material/history:",
        )
        st.page_link("pages/compare.py", label="Compare the finished runs", icon=":material/show_chart:")
        return
    if snapshot.ended:
        _draw(snapshot)
        _after(snapshot)
    else:
        _live(race_id)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(race_id: str) -> None:
    snapshot = registry().snapshot(race_id)
    if snapshot is None or snapshot.ended:
        st.rerun()
    _draw(snapshot)


def _draw(snapshot: RaceSnapshot) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(headline(snapshot), width="stretch")
        if not snapshot.ended:
            st.button(
                "Stop all",
                icon=":material/stop:",
                key="train_stop",
                on_click=registry().cancel,
                args=(snapshot.race_id,),
            )
    if snapshot.note:
        st.warning(snapshot.note, icon=":material/cloud_off:")
    if snapshot.status == "failed":
        st.error(snapshot.message, title="The race could not finish", icon=":material/error:")
    for i, variant in enumerate(snapshot.variants):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.progress(variant.progress, text=progress_text(variant))
            if not snapshot.ended and len(snapshot.variants) > 1:
                st.button(
                    f"Stop {variant.label}",
                    icon=":material/stop:",
                    type="tertiary",
                    disabled=variant.ended,
                    key=f"train_stop_{i}",
                    on_click=registry().cancel,
                    args=(snapshot.race_id, i),
                )
        if variant.status in ("diverged", "failed"):
            st.caption(f":material/warning: {variant.label}: {variant.message}")
    if any(variant.curve or variant.status == "diverged" for variant in snapshot.variants):
        race_curves(snapshot)
    if any(variant.rows for variant in snapshot.variants):
        _standing(snapshot)


def _standing(snapshot: RaceSnapshot) -> None:
    rows = []
    for variant in snapshot.variants:
        if not variant.rows:
            continue
        last = variant.rows[-1]
        rows.append(
            {
                "Variant": variant.label,
                "Epoch": last.epoch,
                "Test accuracy (%)": last.test_accuracy,
                "Test loss": last.test_loss,
                "Training accuracy (%)": last.train_accuracy,
                "Gap (points)": last.train_accuracy - last.test_accuracy,
                "Images a second": variant.images_per_second,
            }
        )
    table = pd.DataFrame(rows).sort_values("Test accuracy (%)", ascending=False)
    st.dataframe(
        table,
        hide_index=True,
        alt="Standing of the variants after their last finished epoch",
        column_config={
            "Test accuracy (%)": st.column_config.NumberColumn(format="%.2f"),
            "Training accuracy (%)": st.column_config.NumberColumn(format="%.2f"),
            "Gap (points)": st.column_config.NumberColumn(
                format="%+.2f", help="Training minus test accuracy; training images are augmented, test images are not."
            ),
            "Test loss": st.column_config.NumberColumn(format="%.4f"),
            "Images a second": st.column_config.NumberColumn(format="%.0f"),
        },
    )


def _after(snapshot: RaceSnapshot) -> None:
    ids = [variant.run_id for variant in snapshot.variants if variant.rows]
    if not ids:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Again with another seed",
            icon=":material/casino:",
            key="train_again",
            on_click=_again,
            args=(snapshot,),
        )
        st.page_link(
            "pages/compare.py",
            label="Compare these runs",
            icon=":material/show_chart:",
            query_params={"compare_runs": ids},
        )
        st.page_link(
            "pages/misclassified.py",
            label="See what they got wrong",
            icon=":material/image_search:",
            query_params={"wrong_runs": ids},
        )
    race_weights(snapshot)


def _again(snapshot: RaceSnapshot) -> None:
    configs = [replace(v.config, seed=(v.config.seed + 1) % 2**32) for v in snapshot.variants]
    try:
        race_id = registry().submit(configs)
    except (ConfigError, BusyError) as error:
        st.toast(str(error), icon=":material/error:")
        return
    keep(RACE, race_id)
    st.session_state[SEED.name] = configs[0].seed
