"""How fast the Statistics page answers.

    python tests/benchmarks/statistics_page.py            prints one line a figure

1. Highlight: in Chromium, from the pointer event to the frame that shows it, over 200 moves.
2. Change of norm or groups: server time of one rerun of the page, median of 20.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch
from playwright.sync_api import Page, sync_playwright
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

MOVES = 200
TENSORS = {
    "4 x 8 x 4 x 4": "?stats_channels=8&stats_side=4&stats_norm=GroupNorm",
    "real images, second layer": "?stats_source=Real+images&stats_norm=GroupNorm&stats_groups=4",
}
# the handler's own time, and the time until the frame after it: two frames at 60 Hz are 33 ms however fast the code is
MEASURE = """async (moves) => {
  const roots = [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)]
  const board = roots.map(r => r.querySelector('.board')).find(Boolean)
  board.scrollIntoView({ block: 'center' })
  await new Promise(r => setTimeout(r, 300))
  const light = board.querySelector('canvas.light')
  const area = board.getBoundingClientRect()
  const work = [], painted = []
  for (let i = 0; i < moves; i++) {
    const x = area.left + 70 + ((i * 97) % Math.max(1, Math.min(area.width, light.clientWidth) - 90))
    const y = area.top + 40 + ((i * 61) % (area.height - 60))
    await new Promise(r => requestAnimationFrame(r))
    const start = performance.now()
    const at = { clientX: x, clientY: y, bubbles: true, pointerType: 'mouse' }
    board.dispatchEvent(new PointerEvent('pointermove', at))
    light.getContext('2d').getImageData(0, 0, 1, 1)  // waits until the drawing is done, not only queued
    work.push(performance.now() - start)
    await new Promise(r => requestAnimationFrame(() => {
      const afterFrame = new MessageChannel()
      afterFrame.port1.onmessage = r
      afterFrame.port2.postMessage(0)
    }))
    painted.push(performance.now() - start)
  }
  return { work, painted }
}"""


def highlight(page: Page, url: str) -> dict[str, list[float]]:
    """Milliseconds of every move: until the highlight is drawn, and until the next frame is out."""
    page.goto(url)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_selector(".tensor .where:not(:empty)")
    page.wait_for_timeout(1500)
    return page.evaluate(MEASURE, MOVES)


def rerun(source: str, key: str, values: list[object]) -> list[float]:
    """Milliseconds of server time for 20 reruns of the page, each with another value of one control."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.run()
    app.switch_page("pages/statistics.py")
    app.query_params["stats_source"] = source
    app.query_params["stats_norm"] = "GroupNorm"
    app.run()
    seconds = []
    for i in range(20 + len(values)):
        kinds = app.segmented_control if key == "stats_norm" else app.select_slider
        control = next(element for element in kinds if element.key == key)
        control.set_value(values[i % len(values)])
        start = time.perf_counter()
        app.run()
        seconds.append(1000 * (time.perf_counter() - start))
        assert not app.exception
    return seconds[len(values) :]  # the first visit to each value also fills the caches


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="a running app; without it one is started")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    torch.set_num_threads(min(2, os.cpu_count() or 1))
    from tests.browser.conftest import FLAGS, ON_PATH, Server

    with tempfile.TemporaryDirectory() as folder:
        own = None if arguments.url else Server(Path(folder))
        url = arguments.url or own.url
        try:
            with sync_playwright() as playwright:
                path = next((found for name in ON_PATH if (found := shutil.which(name))), None)
                browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.goto(url)
                page.wait_for_timeout(2000)
                for name, query in TENSORS.items():
                    times = highlight(page, f"{url}/statistics{query}")
                    for what, label in (("work", "drawn"), ("painted", "next frame out")):
                        ordered = sorted(times[what])
                        print(
                            f"highlight {name}, {label}: median {statistics.median(ordered):.2f} ms, "
                            f"95 % {ordered[int(0.95 * len(ordered))]:.2f} ms, slowest {ordered[-1]:.2f} ms"
                        )
                browser.close()
        finally:
            if own:
                own.stop()
        os.environ["NORMLENS_RUNS"] = folder
        norms = ["BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm"]
        for source in ("Small integers", "Two layers", "Real images"):
            groups = {"Small integers": [1, 2, 3, 6], "Two layers": [1, 2, 4]}.get(source, [1, 2, 4, 8, 16])
            for what, key, values in (("norm", "stats_norm", norms), ("groups", "stats_groups", groups)):
                times = rerun(source, key, values)
                print(
                    f"{source}, change of {what}: median {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms"
                )


if __name__ == "__main__":
    main()
