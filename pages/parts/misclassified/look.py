"""How the page of errors lies in the window: controls in rows of one line, tiles no higher than their image.

In a narrow window the first grid comes before the controls.
"""

STYLE = """<style>
.st-key-wrong_controls > :first-child { flex: 1 1 min(46rem, 100%); }
[class*="st-key-wrong_head_"] { row-gap: 0; }
[class*="st-key-wrong_grid_"] [data-testid="stGridCell"] { padding: 0.5rem; }
[class*="st-key-wrong_open_"] p { font-size: 0.875rem; text-decoration: underline; }
/* three pieces of a tile: the image, and beside it what is said of it above the button, without a container for each */
[class*="st-key-wrong_grid_"] [data-testid="stGridCell"] [data-testid="stVerticalBlock"] {
  display: grid; grid-template: 1fr auto auto 1fr / auto 1fr; gap: 0 0.5rem;
  > * { grid-column: 2; }
  > :first-child { grid-area: 1 / 1 / -1 / 1; align-self: center; }
  > :nth-child(2) { grid-row: 2; }
  > :nth-child(3) { grid-row: 3; }
}
@media (width < 640px) {
  :has(> .st-key-wrong_first) { order: -1; }
  :has(> .st-key-wrong_title), :has(> [data-testid="stAlert"]) { order: -2; }
}
[data-testid="stFullScreenFrame"]:has([data-testid="stImage"]) [data-testid="stElementToolbar"] { display: none; }
</style>"""
