"""How a live part lies in a narrow window, where columns stand below each other: its picture, then its controls."""

from __future__ import annotations


def picture_first(part: str, picture: str) -> str:
    """The style for it. part: the key of the container of controls and pictures.  picture: the key of the first one."""
    return f"""<style>
@media (width < 640px) {{
  .st-key-{part} :has(> [data-testid="stHorizontalBlock"]), .st-key-{part} [data-testid="stHorizontalBlock"] {{
    display: contents;
  }}
  .st-key-{part} [data-testid="stColumn"] {{ flex: none; width: 100%; }}
  .st-key-{part} [data-testid="stColumn"]:has(.st-key-{picture}) {{ order: -1; }}
}}
</style>"""
