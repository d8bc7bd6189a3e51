"""How fast the app itself is, and what it holds in memory: a real ``streamlit run``, one process for everyone.

    python tests/benchmarks/app.py [--quick] [--json]        up to 10 minutes; --quick about 1

1. In Chromium: from the start of the server process to the first page drawn; the first visit to each page of a
   process that has shown the first one (it imports what the page needs); a rerun after a slider, from the key to
   the end of the run and, of this, the run itself (the app's own script state, which is server time and wire).
2. The first run of each page for ten visitors, one after the other, without a browser: with all the runs that
   come with the app.
3. Twenty visitors as websocket sessions (``sessions.py``), since twenty browsers on a small machine would measure
   the browsers: each makes one interaction every ten seconds, two of them watch a race of three variants. The rerun
   is timed from the request to the end of the run. The race's images a second come from its own progress bars,
   tests included, with and without the twenty in turn, A B A B. The visitors' own work is on the same processor.
4. Resident memory (Linux): its peak while a race of three trains, alone and with the twenty; and after ten short
   races against after two, in a process of its own.

The races are on MNIST where NORMLENS_DATA names its folder, else on digits. The files are warm in the disk cache.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.measuring import QUICK, Figures, Plan, memory, served  # noqa: E402
from tests.benchmarks.sessions import Session  # noqa: E402
from tests.browser.server import FLAGS, ON_PATH, READY  # noqa: E402

PAGES = ("statistics", "train", "compare", "misclassified")
SLIDERS = {"train": ("", "Epochs"), "statistics": ("?stats_norm=GroupNorm", "Groups G of GroupNorm")}
EVERY = 10.0
INTERACTIONS: dict[str, Callable[[Session], float]] = {
    "train": lambda visitor: visitor.move_slider("train_epochs"),
    "statistics": lambda visitor: visitor.choose_next("stats_norm"),
    "compare": lambda visitor: visitor.choose_next("compare_zoom"),
    "misclassified": lambda visitor: visitor.choose_next("wrong_order"),
}
BATCH = 128
DRAWN = """() => !document.querySelector('[data-testid="stSkeleton"]') &&
  [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].every(chart => chart.querySelector('.main-svg'))"""
"""Whether all charts are there: the sign that the run is over may come before or after them."""
TIMES_OF_RUNS = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  window.runs = []; let key = null, start = null;
  addEventListener('keydown', () => { key = performance.now() }, true);
  new MutationObserver(() => {
    const now = performance.now(), state = app.dataset.testScriptState;
    if (state === 'running' && start === null) start = now;
    if (state === 'notRunning' && start !== null) { window.runs.push([now - start, now - key]); start = null }
  }).observe(app, { attributes: true, attributeFilter: ['data-test-script-state'] });
}"""


def pages(figures: Figures, plan: Plan, browser: Browser, store: Path) -> None:
    """Cold starts, first visits and reruns in the browser."""
    start: list[float] = []
    visits: dict[str, list[float]] = {name: [] for name in PAGES}
    again: dict[str, list[float]] = {name: [] for name in ("", *PAGES)}
    runs: dict[str, list[list[float]]] = {name: [] for name in SLIDERS}
    for i in range(plan.starts):
        began = time.perf_counter()
        with served(store) as server:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            _visit(page, server.url)
            start.append(time.perf_counter() - began)
            for name in PAGES:
                visits[name].append(_visit(page, f"{server.url}/{name}"))
            for name, times in again.items():
                times.append(_visit(page, f"{server.url}/{name}"))
            for name, (query, label) in SLIDERS.items() if i == 0 else ():
                _visit(page, f"{server.url}/{name}{query}")
                runs[name] = _slide(page, label, plan.reruns)
            page.close()
    figures.add("cold start to the first page", start, "s", 1)
    for name in PAGES:
        figures.add(f"first visit to {name}", visits[name], "s", 2)
    for name, times in again.items():
        figures.add(f"later visit to {name or 'home'}", times, "s", 2)
    for name, found in runs.items():
        figures.add(f"slider on {name}, the run itself", [run for run, _ in found], "ms")
        figures.add(f"slider on {name}, from the key to its end", [total for _, total in found], "ms")


def _visit(page: Page, url: str) -> float:
    began = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(READY, timeout=60_000)
    page.wait_for_selector("h1", timeout=60_000)
    page.wait_for_function(DRAWN, timeout=60_000)
    seconds = time.perf_counter() - began
    assert page.locator('[data-testid="stException"]').count() == 0, url
    return seconds


def _slide(page: Page, label: str, times: int) -> list[list[float]]:
    page.evaluate(TIMES_OF_RUNS)
    slider = page.get_by_role("slider", name=label).first
    for i in range(times):
        before = page.evaluate("window.runs.length")
        slider.press("ArrowRight" if i % 2 else "ArrowLeft")
        # a run that starts and ends between two drawings of the page never shows: it is left out
        with suppress(TimeoutError):
            page.wait_for_function(f"window.runs.length > {before}", timeout=3000)
        page.wait_for_timeout(200)
    return page.evaluate("window.runs")


def openings(figures: Figures, plan: Plan) -> None:
    """The first run of every page for a visitor who has just come, with all shipped runs; and what the server holds."""
    with served() as server:
        for name in ("", *PAGES):
            times = []
            for _ in range(plan.openings):
                visitor = Session(server.url, name)
                times.append(1000 * visitor.open())
                if visitor.errors:
                    raise RuntimeError(f"{name or 'home'}: {visitor.errors}")
                visitor.close()
            figures.add(f"opening {name or 'home'}, without drawing, {len(times)} visitors", times, "ms")
        figures.add("memory with every page opened", [memory(server, "VmRSS")], "MB")


def twenty(figures: Figures, plan: Plan, store: Path) -> None:
    """The race alone and with twenty sessions, in turn; reruns, errors and memory on the way."""
    rates: dict[bool, list[float]] = {False: [], True: []}
    reruns: list[float] = []
    watched: list[float] = []
    errors: list[str] = []
    with served(store) as server:
        starter = Session(server.url, "train", f"train_dataset={plan.dataset}&train_epochs=200")
        starter.open()
        starter.click("Start the race")
        while not _images(starter) and not starter.errors:
            starter.follow(0.5)
        for turn in range(4):
            crowd = turn % 2 == 1
            visitors = _arrive(server.url, starter.query) if crowd else []
            began, before = time.perf_counter(), _seen(starter)
            if crowd:
                reruns += _all_at_work(visitors, plan.phase_seconds)
            else:
                time.sleep(plan.phase_seconds)
            rates[crowd].append((_seen(starter) - before) / (time.perf_counter() - began))
            for visitor in visitors:
                watched += visitor.fragment_seconds
                errors += visitor.errors
                visitor.close()
            if turn < 2:
                who = "with twenty sessions" if crowd else "alone"
                figures.add(f"peak memory, race of three on {plan.dataset}, {who}", [memory(server, "VmHWM")], "MB")
        errors += starter.errors
        starter.click("train_stop")
        starter.close()
    figures.values["errors"] = errors
    figures.say(f"twenty sessions, errors: {len(errors)}{''.join(f'; {error}' for error in errors)}")
    figures.add("twenty sessions, rerun after an interaction", [1000 * s for s in reruns], "ms")
    figures.add("twenty sessions, update of the race's part", [1000 * s for s in watched], "ms")
    figures.add("race alone", rates[False], "images/s")
    figures.add("race with twenty sessions", rates[True], "images/s")
    ratio = statistics.median(rates[True]) / statistics.median(rates[False])
    figures.add("race with twenty sessions over alone", [ratio], "", 3)


def _arrive(url: str, race: str) -> list[Session]:
    """Two who watch the race, and eighteen spread over the pages; all have opened their page."""
    names = ["train", "train", *(PAGES[i % len(PAGES)] for i in range(18))]
    visitors = [Session(url, name, race if i < 2 else "") for i, name in enumerate(names)]
    for visitor in visitors:
        visitor.open()
        visitor.fragment_seconds.clear()
    return visitors


def _all_at_work(visitors: Sequence[Session], seconds: float) -> list[float]:
    """Each visitor interacts every ten seconds, at a moment of its own; the seconds of every rerun."""
    times: list[float] = []

    def work(visitor: Session, offset: float) -> None:
        end = time.monotonic() + seconds
        wait = offset
        while time.monotonic() + wait < end and not visitor.errors:
            visitor.follow(wait)
            began = time.monotonic()
            times.append(INTERACTIONS[visitor.page](visitor))
            wait = max(0.0, EVERY - (time.monotonic() - began))
        visitor.follow(end - time.monotonic())

    offsets = [EVERY * i / len(visitors) for i in range(len(visitors))]
    threads = [threading.Thread(target=work, args=pair) for pair in zip(visitors, offsets, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def _seen(session: Session) -> int:
    session.open()
    return _images(session)


def _images(session: Session) -> int:
    """Images that the variants have been trained on, by their progress bars."""
    images = 0
    for text in session.bars.values():
        if found := re.search(r"epoch (\d+) of \d+, batch (\d+) of (\d+)", text):
            epoch, batch, batches = map(int, found.groups())
            session.batches = batches
            images += ((epoch - 1) * batches + batch) * BATCH
        elif (found := re.search(r"epoch (\d+) of \d+, testing", text)) and session.batches:
            images += int(found[1]) * session.batches * BATCH
    return images


def short_races(figures: Figures, plan: Plan) -> None:
    """Resident memory after a few short races and after many."""
    few, many = plan.races
    held: dict[int, float] = {}
    with served() as server:
        for i in range(many):
            query = f"train_dataset={plan.short_races_on}&train_epochs=1&train_seed={i}"
            visitor = Session(server.url, "train", query)
            visitor.open()
            visitor.click("Start the race")
            while visitor.watching and not visitor.errors:
                visitor.follow(0.5)
            assert not visitor.errors, visitor.errors
            assert sum(text.startswith("complete ") for text in visitor.bars.values()) == 3, visitor.bars
            visitor.close()
            held[i + 1] = memory(server, "VmRSS")
    for count in plan.races:
        figures.add(f"memory after {count} races of one epoch on {plan.short_races_on}", [held[count]], "MB")
    figures.add(f"memory after {many} races over after {few}", [held[many] / held[few]], "", 3)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="about a minute: fewer and shorter, no steady figures")
    parser.add_argument("--json", action="store_true", help="one object on stdout, progress on stderr")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else Plan()
    figures = Figures(quiet=arguments.json)
    os.environ["NORMLENS_MAX_EPOCHS"] = "200"  # the race must outlast the four turns
    with tempfile.TemporaryDirectory() as name:
        store = Path(name) / "runs"
        race = ("race", "--preset", "assignment", "--dataset", "digits", "--epochs", "2", "--out", str(store))
        subprocess.run([sys.executable, "-m", "core", *race], cwd=ROOT, check=True, capture_output=True)
        with sync_playwright() as playwright:
            path = next((found for name in ON_PATH if (found := shutil.which(name))), None)
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            pages(figures, plan, browser, store)
            browser.close()
        openings(figures, plan)
        twenty(figures, plan, store)
    short_races(figures, plan)
    if arguments.json:
        print(json.dumps(figures.values))


if __name__ == "__main__":
    main()
