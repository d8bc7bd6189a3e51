"""The Statistics page in a browser: opened, a cell found on it, what it shows and draws."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page, Position, expect

from tests.browser.conftest import settle
from tests.browser.server import Server
from tests.browser.steady import steady


def open_statistics(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/statistics{query}")
    page.wait_for_selector(".tensor .where:not(:empty)")
    settle(page)


def numbers(page: Page) -> list[float]:
    """x, its mean and variance, and x-hat; of a norm without a mean three of them."""
    texts = page.locator(".tensor .numbers dd").all_inner_texts()
    return [float(text.replace("\N{MINUS SIGN}", "-")) for text in texts]


FIRST_POINT = """([board, hint, name]) => {
    const box = board.getBoundingClientRect()
    for (let y = 30; y < box.height; y += 12)
        for (let x = 60; x < box.width; x += 12) {
            const at = { bubbles: true, composed: true, clientX: box.x + x, clientY: box.y + y, pointerType: 'mouse' }
            board.dispatchEvent(new PointerEvent('pointermove', at))
            if (hint.innerText.startsWith(name)) return [x, y]
        }
    return null
}"""
"""The first place of the board at which the hint speaks of a cell."""


def cell_point(page: Page, image: int, channel: int, row: int = 0, column: int = 0) -> Position:
    """Where a cell of the default 4 x 6 x 2 x 2 tensor under BatchNorm lies on the board, found by asking.

    The mouse is there afterwards.
    """
    board, hint = page.locator(".tensor .board"), page.locator(".tensor .hint")
    box = steady(board)
    name = f"Image {image + 1}, channel {channel + 1}, row {row + 1}, column {column + 1}."
    found = page.evaluate(FIRST_POINT, [board.element_handle(), hint.element_handle(), name])
    assert found, name
    x, y = found
    page.mouse.move(box["x"] + x, box["y"] + y)
    expect(hint).to_contain_text(name)
    return {"x": x, "y": y}


def lit_share(page: Page) -> float:
    """The share of the highlight layer that is veiled."""
    return page.evaluate(
        """() => { const c = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)
             .map(r => r.querySelector('canvas.light')).find(Boolean) || document.querySelector('canvas.light')
           const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data
           let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 100 && d[i] < 250) n++
           return n / (d.length / 4) }"""
    )


def choose_lesson(page: Page, name: str) -> None:
    """Choose another lesson beside the picture, and wait until its words are there."""
    lesson = page.locator(".st-key-stats_lesson")
    before = lesson.text_content()
    page.locator(".st-key-stats_tab").get_by_role("combobox").click()
    page.get_by_role("option", name=name).click()
    expect(lesson).not_to_have_text(before)
    settle(page)


IN_COMPONENT = """const root = [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot)]
     .filter(Boolean).find(r => r.querySelector('.tensor canvas.line'))"""


def dots_at(page: Page, times: Sequence[float], meanwhile: str = "") -> list[list[float]]:
    """Where the dots of the number line lie before a click on x-hat, and so many milliseconds after it.

    All of it in one piece of script, during which nothing else can happen in the page: a clock that stands at these
    times calls what asked for a frame, and the dots are those that are drawn then. None are drawn: those before.
    meanwhile: script that runs before the second frame.
    """
    return page.evaluate(
        f"""times => {{ {IN_COMPONENT}
             const line = root.querySelector('canvas.line'), clock = performance.now, ask = window.requestAnimationFrame
             const arc = CanvasRenderingContext2D.prototype.arc, clear = CanvasRenderingContext2D.prototype.clearRect
             const drop = window.cancelAnimationFrame
             let now = 0, asked = [], dots = [], count = 0
             const frame = time => {{ now = time; for (const [, call] of asked.splice(0)) call(now) }}
             performance.now = () => now
             window.requestAnimationFrame = call => {{ asked.push([++count, call]); return count }}
             window.cancelAnimationFrame = id => {{ asked = asked.filter(([other]) => other !== id) }}
             CanvasRenderingContext2D.prototype.clearRect = function (...a) {{
               if (this.canvas === line) dots = []
               return clear.apply(this, a) }}
             CanvasRenderingContext2D.prototype.arc = function (x, ...a) {{
               if (this.canvas === line) dots.push(x)
               return arc.call(this, x, ...a) }}
             const seen = []
             root.querySelector('.before').click()
             frame(1000) // it stands still by now
             seen.push(dots)
             root.querySelector('.after').click()
             times.forEach((time, i) => {{
               if (i === 1) {{ {meanwhile} }}
               frame(1000 + time)
               seen.push(dots) }})
             performance.now = clock
             window.requestAnimationFrame = ask
             window.cancelAnimationFrame = drop
             CanvasRenderingContext2D.prototype.arc = arc
             CanvasRenderingContext2D.prototype.clearRect = clear
             return seen.map(xs => [...xs].sort((a, b) => a - b)) }}""",
        times,
    )
