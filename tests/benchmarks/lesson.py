"""Thirty people in the lesson on one server: each goes through its steps at a person's pace, one of them racing.

    python tests/benchmarks/lesson.py [--people 30] [--pace 15] [--json]

First the server time of each step alone, revealed: the median of ten people who open it one after the other, from the
request to the end of the run. Then the class. Each person is a websocket session (``sessions.py``), starts at a moment
of its own, does one thing every ``pace`` seconds, asks to be shown instead of predicting, moves what there is to move,
and goes on; after the last step, the ten questions. One person races three variants on small MNIST meanwhile, over and
over.
Said: median and worst rerun, errors, and the peak of the server's resident memory (Linux).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from core.lesson.order import QUESTIONS, STEPS  # noqa: E402
from tests.benchmarks.sessions import Session  # noqa: E402
from tests.browser.server import Server  # noqa: E402

TIMES = 10
WAYS = ("lesson_next", "lesson_back", "lesson_again", "lesson_show", "lesson_class", "lesson_steps")
"""What leads on, back, or out of a step: what is moved is something else."""
TURNS = 3
"""Things that a person moves in a step."""


def touch(person: Session, seen: random.Random) -> float | None:
    """Move one thing of the step that is open; the seconds, or None where there is nothing to move."""
    buttons = [key for key in person.widgets if key.startswith("lesson_") and _is_button(person, key)]
    controls = [key for key, proto in person.widgets.items() if _options(proto) and not key.startswith(WAYS)]
    # not those whose values are words: the protocol sends these in another way
    sliders = [key for key, proto in person.widgets.items() if type(proto).__name__ == "Slider" and not proto.options]
    kinds = [(controls, lambda key: _choose(person, key, seen)), (sliders, person.move_slider), (buttons, person.click)]
    there = [(keys, act) for keys, act in kinds if keys]
    if not there:
        return None
    keys, act = seen.choice(there)
    return act(seen.choice(keys))


def _is_button(person: Session, key: str) -> bool:
    return type(person.widgets[key]).__name__ == "Button" and not key.startswith(WAYS)


def _options(proto: object) -> bool:
    return type(proto).__name__ == "ButtonGroup" and len(proto.options) > 1


def _choose(person: Session, key: str, seen: random.Random) -> float:
    option = seen.choice([option.content for option in person.widgets[key].options])
    return person.set(key, "string_array_value", [option])


def alone(server: Server) -> dict[int, list[float]]:
    """By step: seconds until it is open for somebody who has just come, the first of whom is not counted."""
    found: dict[int, list[float]] = {}
    for number in (*STEPS, QUESTIONS):
        query = f"step={number}" + (f"&said{number}=shown" if number in STEPS else "")
        for visit in range(TIMES + 1):
            person = Session(server.url, "lesson", query)
            seconds = person.open()
            if person.errors:
                raise RuntimeError(f"step {number}: {person.errors}")
            person.close()
            if visit:
                found.setdefault(number, []).append(seconds)
    return found


class Person(threading.Thread):
    """One session on its way through the lesson; ``seconds`` of each rerun, by step."""

    def __init__(self, server: Server, number: int, pace: float, people: int) -> None:
        super().__init__(daemon=True)
        self.seconds: list[tuple[int, float]] = []
        self._server, self._pace, self._start = server, pace, pace * number / people
        self._random = random.Random(number)
        self.session: Session | None = None

    def run(self) -> None:
        time.sleep(self._start)
        self.session = person = Session(self._server.url, "lesson", "step=1")
        self._time(1, person.open())
        for number in STEPS:
            self._wait(person)
            if f"lesson_show{number}" in person.widgets:
                self._time(number, person.click(f"lesson_show{number}"))
            for _ in range(TURNS):
                self._wait(person)
                if person.errors:
                    return
                self._time(number, touch(person, self._random))
            self._wait(person)
            person.widgets = {"lesson_next": person.widgets["lesson_next"]}
            self._time(number + 1, person.click("lesson_next"))
        for _ in range(TURNS):
            self._wait(person)
            self._time(QUESTIONS, touch(person, self._random))
        person.close()

    def _wait(self, person: Session) -> None:
        person.follow(self._pace * self._random.uniform(0.6, 1.4))

    def _time(self, number: int, seconds: float | None) -> None:
        if seconds is not None:
            self.seconds.append((number, seconds))


def racing(server: Server, over: threading.Event) -> list[str]:
    """Race three variants on small MNIST until ``over``; what went wrong."""
    person = Session(server.url, "train", "train_epochs=5")
    person.open()
    while not over.is_set() and not person.errors:
        person.click("Start the race")
        person.follow(2)
        while person.watching and not over.is_set() and not person.errors:
            person.follow(1)
    person.close()
    return person.errors


def memory(server: Server, name: str = "VmHWM") -> float:
    """Megabytes of the server process."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith(name)]
    return int(line.split()[1]) / 1000


def class_of(server: Server, count: int, pace: float) -> dict[str, object]:
    """Let them all go; the figures."""
    over = threading.Event()
    errors: list[str] = []
    racer = threading.Thread(target=lambda: errors.extend(racing(server, over)), daemon=True)
    racer.start()
    people = [Person(server, number, pace, count) for number in range(count)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    over.set()
    racer.join()
    reruns = [1000 * seconds for person in people for _, seconds in person.seconds]
    errors += [error for person in people if person.session for error in person.session.errors]
    return {
        "people": count,
        "reruns": len(reruns),
        "median ms": statistics.median(reruns),
        "90 % within ms": statistics.quantiles(reruns, n=10)[-1],
        "worst ms": max(reruns),
        "by step, median ms": by_step(people),
        "errors": errors,
        "peak memory MB": memory(server),
    }


def by_step(people: Sequence[Person]) -> dict[int, float]:
    """The median rerun of each step, in milliseconds."""
    times: dict[int, list[float]] = {}
    for person in people:
        for number, seconds in person.seconds:
            times.setdefault(number, []).append(1000 * seconds)
    return {number: statistics.median(found) for number, found in sorted(times.items())}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--pace", type=float, default=15.0, help="seconds between two things that a person does")
    parser.add_argument("--json", action="store_true", help="one object on stdout")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        server = Server(Path(name))
        try:
            steps = {n: [1000 * s for s in found] for n, found in alone(server).items()}
            found = class_of(server, arguments.people, arguments.pace)
            log = server.log.read_text()
        finally:
            server.stop()
    found = {"alone, median ms": {n: statistics.median(s) for n, s in steps.items()}, **found}
    found["tracebacks"] = log.count("Traceback")
    if arguments.json:
        print(json.dumps(found))
        return
    for label, value in found.items():
        print(f"{label}: {value}")


if __name__ == "__main__":
    main()
