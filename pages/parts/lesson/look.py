"""How the lesson lies in the window: the bar of steps above, picture and words side by side, one screen a step."""

from pages.parts.shared.page_row import WIDE

STYLE = f"""<style>
[data-testid="stMainBlockContainer"]:has(.st-key-lesson_bar) {{ padding-bottom: 0.5rem; }}
.st-key-lesson_home {{ border-left: 0.25rem solid var(--st-primary-color, currentColor); padding-left: 0.75rem; }}
/* while a race runs, nothing says how it ends */
:has(.st-key-lesson_racing) > * .st-key-lesson_home {{ display: none; }}
.st-key-lesson_picture, .st-key-lesson_words {{ row-gap: 0.5rem; }}
.st-key-lesson_numbers_more {{ row-gap: 0.5rem; }}
[class*="st-key-lesson_small"] p, [class*="st-key-lesson_wide_only_asked"] p {{ font-size: 0.9rem; line-height: 1.4; }}
/* as high as a question with its answer: what is below stays where it is when the next one comes */
.st-key-lesson_questions {{ max-width: 46rem; min-height: 21rem; }}
.st-key-lesson_picture:focus-visible, .st-key-lesson_questions:focus-visible {{
  outline: 2px solid var(--st-primary-color, currentColor); outline-offset: 0.25rem; border-radius: 0.25rem;
}}
/* the mark of a step that is done lies in the margin of its button: the row keeps its width, and Next its place */
.st-key-lesson_steps button {{ position: relative; }}
.st-key-lesson_steps button span:has(> [data-testid="stIconMaterial"]) {{
  position: absolute; inset: 0 auto 0 0; height: auto; margin: 0; display: flex; align-items: center;
}}
.st-key-lesson_steps button [data-testid="stIconMaterial"] {{ font-size: 0.875rem; }}
[class*="st-key-lesson_line_"] {{ flex-wrap: nowrap; }}
[class*="st-key-lesson_open_"] {{ flex: 1 1 0; min-width: 0; }}
[class*="st-key-lesson_open_"] button {{ max-width: 100%; }}
[class*="st-key-lesson_open_"] button, [class*="st-key-lesson_open_"] button div {{ justify-content: flex-start; }}
[class*="st-key-lesson_open_"] p {{ overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
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
  .st-key-lesson_bar > .st-key-lesson_steps, [class*="st-key-lesson_wide_only"],
  :has(> .st-key-lesson_wide_only_links), :has(> [class*="st-key-lesson_wide_only_asked"]) {{ display: none; }}
  .st-key-lesson_picture [data-testid="stButtonGroup"] button {{ padding-left: 0.625rem; padding-right: 0.625rem; }}
  [data-testid="stHorizontalBlock"]:has(> * .st-key-lesson_picture) {{ row-gap: 0.5rem; }}
  .st-key-lesson_phone_small p {{ font-size: 0.875rem; line-height: 1.35; margin-bottom: 0.375rem; }}
  /* three formulas and what is said of them share the screen with the numbers */
  .st-key-lesson_words .katex {{ font-size: 1rem; }}
  .st-key-lesson_numbers_more, .st-key-lesson_words:has(.st-key-lesson_numbers_more) {{ row-gap: 0.25rem; }}
}}
@media (width >= {WIDE}px) {{
  .st-key-lesson_where, .st-key-lesson_phone_only {{ display: none; }}
  .st-key-lesson_chart {{ min-height: 24rem; }}
}}
</style>"""
