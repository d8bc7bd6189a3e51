"""What L1 did to the weights of a finished race: how many are small beside their own filter."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.comparison.sparsity import NORMAL_SHARE, THRESHOLD, Layer, Sparsity, histogram, sparsity
from core.comparison.weights import Weights, relative_sizes
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from pages.parts.shared.charts import NO_TOOLBAR
from pages.parts.shared.library import full_record

OPEN_KEY = "train_weights"
_LINEAR = "head.weight"


def race_weights(snapshot: RaceSnapshot) -> None:
    """A closed section; the weights are read and counted when somebody opens it."""
    section = st.expander("What L1 did to the weights", icon=":material/filter_alt:", key=OPEN_KEY, on_change="rerun")
    if section.open:
        with section:
            _show(snapshot)


def _show(snapshot: RaceSnapshot) -> None:
    counted: list[tuple[VariantSnapshot, Sparsity]] = []
    networks = []
    for variant in snapshot.variants:
        record = full_record(variant.run_id) if variant.rows else None
        if record is not None:
            counted.append((variant, sparsity(record.weights)))
            networks.append(Weights(variant.label, variant.config.norm, histogram(record.weights)))
    if not counted:
        st.info("The records of these runs are gone; race them again to see their weights.", icon=":material/info:")
        return
    st.markdown(_explanation(counted))
    shares = "; ".join(f"{variant.label} {found.share:.1f} %" for variant, found in counted)
    st.plotly_chart(
        relative_sizes(networks),
        key="train_weights_chart",
        config=NO_TOOLBAR,
        alt=f"Histogram of all penalized weights over the RMS of their filter. Near zero: {shares}.",
    )
    missing = len(snapshot.variants) - len(counted)
    outside = ", ".join(f"{w.label} {w.histogram.outside:.2f} %" for w in networks if w.histogram.outside)
    if outside:
        st.caption(f"Beyond the edges of the figure: {outside}.")
    if missing:
        st.caption(f"{missing} of {len(snapshot.variants)} variants left no weights.")
    st.markdown("**Near zero, % of the weights**")
    st.dataframe(
        _table(counted, lambda part: part.share),
        alt="Percent of the weights near zero, by layer and in all",
        column_config=dict.fromkeys(_columns(counted), st.column_config.NumberColumn(format="%.1f")),
    )
    st.markdown("**Size: RMS of the weights**")
    st.dataframe(
        _table(counted, lambda part: part.rms),
        alt="Root mean square of the weights, by layer and in all",
        column_config=dict.fromkeys(_columns(counted), st.column_config.NumberColumn(format="%.3f")),
    )


def _explanation(counted: list[tuple[VariantSnapshot, Sparsity]]) -> str:
    found = counted[0][1]
    kernels = len(found.layers) - 1
    return (
        f"L1 covers **{found.weights:,} weights**: the kernels of the {kernels} convolutions (`convs.0.weight` to "
        f"`convs.{kernels - 1}.weight`) and the linear matrix (`{_LINEAR}`). Biases and a norm's γ and β stay free.\n\n"
        "**Absolute size does not count before a norm.** BN and IN divide out the size of each filter, GN that of a "
        "group of filters, LN that of the layer: shrinking them all mostly raises the effective learning rate. "
        "(It does count in the linear matrix, and everywhere without a norm.) So each weight is measured beside its "
        f"own filter: it is **near zero** below {THRESHOLD:g} of the filter's RMS. Normally distributed weights would "
        f"have {100 * NORMAL_SHARE:.1f} % there."
    )


def _columns(counted: list[tuple[VariantSnapshot, Sparsity]]) -> list[str]:
    names = [layer.name for layer in counted[0][1].layers]
    return ["All", *("Linear" if name == _LINEAR else f"Conv {i + 1}" for i, name in enumerate(names))]


def _table(counted: list[tuple[VariantSnapshot, Sparsity]], of: Callable[[Sparsity | Layer], float]) -> pd.DataFrame:
    parts: list[list[Sparsity | Layer]] = [[found, *found.layers] for _, found in counted]
    rows = [[of(part) for part in each] for each in parts]
    labels = pd.Index([variant.label for variant, _ in counted], name="Variant")
    return pd.DataFrame(rows, columns=_columns(counted), index=labels)
