"""How the first page looks beyond what Streamlit offers: lines between the rows of the answer."""

STYLE = """<style>
.st-key-home_answer > * { padding: 0.5rem 0; }
.st-key-home_answer > * + * { border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
.st-key-home_answer [data-testid="stColumn"] > * { row-gap: 0; }
</style>"""
