"""How the page lies in the window.

In a wide one the picture stays in view while the lesson beside it scrolls. In a narrow one it comes first: the columns
are laid among what is above them, and right below the picture stand the norms, in one row, so that a choice changes
what is in view; the sentence follows.
"""

WIDE = 768
"""Pixels from which on picture and lesson stand side by side."""

WAY_WIDTH = 640
"""Pixels of the picture of kernels and tensors; in a narrower window it scrolls."""

STYLE = f"""<style>
@media (width >= {WIDE}px) {{
  /* the column itself: what is sticky stays within its parent, and a row is as high as its lesson */
  [data-testid="stColumn"]:has(.st-key-stats_picture) {{ position: sticky; top: 4rem; align-self: flex-start; }}
  :has(> .st-key-stats_head) {{ margin-bottom: -1rem; }}
}}
@media (width < {WIDE}px) {{
  :has(> [data-testid="stColumn"] .st-key-stats_picture),
  :has(> [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] .st-key-stats_picture) {{ display: contents; }}
  :has(> .st-key-page_row) {{ order: -4; }}
  :has(> .st-key-stats_head) {{ order: -3; }}
  [data-testid="stColumn"]:has(.st-key-stats_picture) {{ order: -2; width: 100%; flex: none; }}
  [data-testid="stColumn"]:has(.st-key-stats_lesson) {{ width: 100%; flex: none; }}
  :has(> .st-key-stats_controls) {{ order: -1; }}
  .st-key-stats_norm button {{ padding-inline: 0.4rem; }}
  .st-key-stats_norm button p {{ font-size: 0.8rem; }}
}}
.st-key-stats_way_box {{ overflow-x: auto; }}
.st-key-stats_way_box > * {{ min-width: {WAY_WIDTH}px; }}
.st-key-stats_picture, .st-key-stats_controls {{ row-gap: 0.5rem; }}
/* the counts of any tensor share the window with those of this one */
[class*="st-key-stats_count"] li {{ font-size: 0.875rem; line-height: 1.35; margin-block: 0.125rem; }}
</style>"""
