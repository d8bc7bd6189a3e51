"""How the page of errors lies in the window: controls in rows of one line.

In a narrow window the first grid comes before the controls.
"""

STYLE = """<style>
.st-key-wrong_controls > :first-child { flex: 1 1 min(46rem, 100%); }
[class*="st-key-wrong_head_"] { row-gap: 0; }
@media (width < 640px) {
  :has(> .st-key-wrong_first) { order: -1; }
  :has(> .st-key-wrong_title), :has(> [data-testid="stAlert"]) { order: -2; }
}
[data-testid="stFullScreenFrame"]:has([data-testid="stImage"]) [data-testid="stElementToolbar"] { display: none; }
</style>"""
