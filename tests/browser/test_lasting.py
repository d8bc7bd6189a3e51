"""What a piece of a page remembers lasts as long as its place, in a real browser."""

from __future__ import annotations

from pathlib import Path

from pages.parts.shared import front_end

CODE = Path(front_end.__file__).with_name("lasting.js")
OVERTAKEN = """code => {
    const lasting = new Function(code + "; return lasting")()
    const place = document.body.appendChild(document.createElement("div"))
    const made = [], stopped = []
    const update = () => lasting(place, () => made[made.push(made.length) - 1], (one) => stopped.push(one))
    const [first, endFirst] = update()
    endFirst()  // an update that a newer one has overtaken
    const [second, end] = update()
    const before = [first, second, [...stopped]]
    place.remove()
    end()
    document.body.append(place)
    return [before, stopped, update()[0]]
}"""


def test_an_overtaken_update_forgets_nothing_and_a_place_that_goes_is_left(page):
    assert page.evaluate(OVERTAKEN, CODE.read_text(encoding="utf-8")) == [[0, 0, []], [0], 1]
