"""A race as it runs: bars, curves, standing. Polls a snapshot; the race itself never notices.

Whoever has the race by its own name gets the buttons that stop it; who has it by the name for watching gets none.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.jobs.snapshots import RaceSnapshot
from core.jobs.words import headline, notes, progress_text, settings
from pages.parts.shared.runtime import registry
from pages.parts.train.address import SEED, WATCH
from pages.parts.train.curves import race_curves
from pages.parts.train.shown import Shown, start
from pages.parts.train.weights import race_weights

REFRESH_SECONDS = 1.0
WATCHED = "You are watching: whoever started this race can stop it."


def race_view(shown: Shown) -> None:
    """Show the race until it ends, then run the page once more, so that what follows a race appears."""
    snapshot = shown.snapshot()
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
        _draw(snapshot, controls=False)
        _after(snapshot)
    else:
        _live(shown)


@st.fragment(run_every=REFRESH_SECONDS)
def _live(shown: Shown) -> None:
    snapshot = shown.snapshot()
    if snapshot is None or snapshot.ended:
        st.rerun()
    _draw(snapshot, controls=bool(shown.race_id))


def _draw(snapshot: RaceSnapshot, *, controls: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(headline(snapshot), width="stretch")
        if controls:
            _link_to_watch(snapshot)
            st.button(
                "Stop all",
                icon=":material/stop:",
                key="train_stop",
                on_click=registry().cancel,
                args=(snapshot.race_id,),
            )
    st.caption(settings(snapshot) if controls or snapshot.ended else f"{settings(snapshot)} {WATCHED}")
    if note := notes(snapshot):
        st.warning(note, icon=":material/cloud_off:")
    if snapshot.status == "failed":
        st.error(snapshot.message, title="The race could not finish", icon=":material/error:")
    for i, variant in enumerate(snapshot.variants):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.progress(variant.progress, text=progress_text(variant))
            if controls and len(snapshot.variants) > 1:
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
        if variant.chance:
            st.caption(f":material/warning: {variant.label}: {variant.chance}")
    if any(variant.curve or variant.status == "diverged" for variant in snapshot.variants):
        race_curves(snapshot)
    if any(variant.rows for variant in snapshot.variants):
        _standing(snapshot)


def _link_to_watch(snapshot: RaceSnapshot) -> None:
    """The address for others: it shows the race, and does not stop it."""
    with st.popover("Let others watch", icon=":material/share:", type="tertiary"):
        st.caption("Whoever opens this address sees the race and cannot stop it.")
        st.code(f"{st.context.url or ''}?{WATCH.name}={snapshot.watch_id}", language=None, wrap_lines=True)


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
    ids = [variant.run_id for variant in snapshot.variants if variant.rows and variant.kept]
    if not any(variant.rows for variant in snapshot.variants):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Again with another seed",
            icon=":material/casino:",
            key="train_again",
            on_click=_again,
            args=(snapshot,),
        )
        if ids:
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
    if ids:
        race_weights(snapshot)


def _again(snapshot: RaceSnapshot) -> None:
    configs = [replace(v.config, seed=(v.config.seed + 1) % 2**32) for v in snapshot.variants]
    if start(configs):
        st.session_state[SEED.name] = configs[0].seed
