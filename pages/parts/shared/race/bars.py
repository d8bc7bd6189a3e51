"""How far each variant is, and its standing beside it: one table of bars in the variants' colours."""

from __future__ import annotations

import math
from html import escape

import streamlit as st

from core.catalogue import NORMS
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.jobs.standing import places
from core.jobs.words import progress_text, why_the_gap
from pages.parts.shared.page_row import WIDE

STYLE = f"""<style>
.race-bars {{ width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; line-height: 1.3; }}
.race-bars th, .race-bars td {{ padding: 0.15rem 0.5rem; text-align: right; font-size: 0.875rem; border: 0; }}
.race-bars thead th {{ font-weight: 400; font-size: 0.8125rem; }}
.race-gap {{ font-size: 0.8125rem; margin: 0; padding: 0 0.5rem; text-align: right; }}
.race-bars th:first-child, .race-bars .way {{ text-align: left; }}
.race-bars th:first-child {{ white-space: nowrap; }}
.race-bars .way {{ width: 45%; }}
.race-bars .way > div {{ display: flex; flex-wrap: wrap; align-items: center; column-gap: 0.75rem; }}
.race-bars .bar {{ flex: 1 1 7rem; height: 0.7rem; border: 1px solid currentColor; border-radius: 0.35rem;
  overflow: hidden; }}
.race-bars .done {{ height: 100%; }}
.race-bars .where {{ flex: 0 1 17rem; font-size: 0.8125rem; }}
@media (width < {WIDE}px) {{
  .race-bars .wide, .race-gap {{ display: none; }}
  .race-bars .where {{ flex-basis: 100%; }}
  .race-bars th, .race-bars td {{ padding: 0.15rem 0.25rem; }}
}}
</style>"""
STRIPES = "repeating-linear-gradient(90deg, {color} 0 6px, transparent 6px 9px)"
"""Fills the bar of a variant whose norm another one before it in the race has, too."""
NOTHING = "–"
HEAD = (
    '<thead><tr><th scope="col">Variant</th><th scope="col" class="way">Progress</th><th scope="col">Place</th>'
    '<th scope="col">Test accuracy (%)</th><th scope="col" class="wide">Test loss</th>'
    '<th scope="col" class="wide">Training accuracy (%)</th><th scope="col" class="wide">Gap</th>'
    '<th scope="col" class="wide">Images a second</th></tr></thead>'
)
ROW = (
    '<tr><th scope="row">{label}</th><td class="way"><div><div class="bar" role="progressbar" aria-label="{label}" '
    'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent}" aria-valuetext="{where}"><div class="done" '
    'style="width: {percent}%; background: {fill}"></div></div><span class="where">{where}</span></div></td>'
    '<td>{place}</td><td>{accuracy}</td><td class="wide">{loss}</td><td class="wide">{training}</td>'
    '<td class="wide">{gap}</td><td class="wide">{rate}</td></tr>'
)


def bars(snapshot: RaceSnapshot) -> None:
    """The table; the standing of each is that after its last finished epoch.

    While a race runs its rows stay where they are, so that an eye can rest on one; once it has ended they are in the
    order of their places, who has none last.
    """
    seen: set[str] = set()
    placed = []
    for variant, place in zip(snapshot.variants, places(snapshot), strict=True):
        placed.append((place or math.inf, _row(variant, place, again=variant.config.norm in seen)))
        seen.add(variant.config.norm)
    if snapshot.ended:
        placed.sort(key=lambda row: row[0])
    gap = why_the_gap(snapshot.variants[0].config.augment)
    st.html(
        f'<table class="race-bars" aria-label="Progress and standing of the variants">{HEAD}'
        f'<tbody>{"".join(row for _, row in placed)}</tbody></table><p class="race-gap">{gap}</p>'
    )


def _row(variant: VariantSnapshot, place: int | None, *, again: bool) -> str:
    color = NORMS[variant.config.norm].color
    last = variant.rows[-1] if variant.rows else None
    return ROW.format(
        label=escape(variant.label),
        percent=round(100 * variant.progress),
        where=escape(progress_text(variant)),
        fill=STRIPES.format(color=color) if again else color,
        place=place or NOTHING,
        accuracy=f"{last.test_accuracy:.2f}" if last else NOTHING,
        loss=f"{last.test_loss:.4f}" if last else NOTHING,
        training=f"{last.train_accuracy:.2f}" if last else NOTHING,
        gap=f"{last.train_accuracy - last.test_accuracy:+.2f}" if last else NOTHING,
        rate=f"{variant.images_per_second:,.0f}" if variant.images_per_second else NOTHING,
    )
