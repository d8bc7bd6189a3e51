"""How the page lies in the window: the picture stays in view while the lesson beside it scrolls."""

WIDE = 768
"""Pixels from which on picture and lesson stand side by side."""

STYLE = f"""<style>
@media (width >= {WIDE}px) {{
  .st-key-stats_picture {{ position: sticky; top: 4rem; }}
}}
.st-key-stats_picture, .st-key-stats_controls {{ row-gap: 0.5rem; }}
</style>"""
