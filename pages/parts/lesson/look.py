"""How the lesson lies in the window: the bar of steps above, picture and words side by side, one screen a step."""

from pages.parts.shared.page_row import WIDE

STYLE = f"""<style>
[data-testid="stMainBlockContainer"]:has(.st-key-lesson_bar) {{ padding-bottom: 0.5rem; }}
.st-key-lesson_home {{ border-left: 0.25rem solid var(--st-primary-color, currentColor); padding-left: 0.75rem; }}
.st-key-lesson_picture, .st-key-lesson_words {{ row-gap: 0.5rem; }}
/* the way to the class room lies in the line of the version, which follows it */
:has(> .st-key-lesson_foot) {{ height: 0; min-height: 0; flex: none; margin-top: -1rem; overflow: visible; }}
.st-key-lesson_foot {{ position: relative; top: 0.375rem; z-index: 1; pointer-events: none; }}
.st-key-lesson_foot > * {{ pointer-events: auto; }}
@media (width < {WIDE}px) {{
  /* a step needs the screen: the links to the other pages follow it */
  :has(> :has(> .st-key-page_row)):has(.st-key-lesson_bar) {{ display: flex; flex-direction: column; }}
  :has(> .st-key-page_row) {{ order: 9; }}
  [data-testid="stMainBlockContainer"]:has(.st-key-lesson_bar) h1 {{ font-size: 1.25rem; }}
  .st-key-lesson_bar {{ flex-wrap: nowrap; justify-content: space-between; }}
  .st-key-lesson_bar > .st-key-lesson_steps {{ display: none; }}
}}
@media (width >= {WIDE}px) {{
  .st-key-lesson_where {{ display: none; }}
}}
</style>"""
