"""A race on the Train page: from its start to its results, found again, stopped, or ended by an error."""

from __future__ import annotations

import threading
from html.parser import HTMLParser

from core.catalogue import DATASETS
from core.config import RunConfig
from core.jobs.snapshots import RaceSnapshot, VariantSnapshot
from core.records.record import EpochRow
from core.records.store import RunStore
from core.training.events import BatchDone, EpochDone
from pages.parts.shared.race import bars as race_bars
from pages.parts.shared.runtime import registry
from pages.parts.train.address import MORE
from tests.acting import after_events
from tests.pages.conftest import PATIENCE, finished, texts, wait


def _start(app):
    return next(b for b in app.button if b.label == "Start the race").click().run()


def _race(app):
    value = app.query_params["race"]
    return value if isinstance(value, str) else value[0]


class _Table(HTMLParser):
    """The cells of the table of bars, row by row, and what its bars say of themselves."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.bars, self._open = [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "tr":
            self.rows.append([])
        self._open = tag in ("th", "td") or (self._open and tag in ("div", "span"))
        if tag in ("th", "td"):
            self.rows[-1].append("")
        if given.get("role") == "progressbar":
            self.bars.append(given)
        if given.get("class") == "done":
            self.bars[-1]["style"] = given["style"]

    def handle_data(self, data):
        if self._open and self.rows:
            self.rows[-1][-1] += data


def bars(app):
    """The table of bars as the page has it: heads, rows and the attributes of the bars."""
    (html,) = (h.proto.body for h in app.get("html") if "race-bars" in h.proto.body and "<table" in h.proto.body)
    head = _Table(html).rows[0]
    return head, *table(html)


def table(html):
    """The rows of the table of bars below its head, and the attributes of its bars."""
    found = _Table(html)
    return found.rows[1:], found.bars


def said(app):
    """Everything that the page says, with the line of settings."""
    return "\n".join([texts(app), *(e.label for e in app.expander)])


def _by_label(elements, label):
    return [e for e in elements if e.label == label]


def test_race_of_three_from_start_to_results(open_page):
    app = _start(open_page("train", train_dataset="digits", train_epochs="2"))
    assert not app.exception
    race_id = _race(app)
    finished(app)
    store = RunStore()
    records, refused = store.summaries()
    assert not refused
    assert sorted(r.label for r in records) == ["BN + L1", "GN (4)", "LN"]
    assert all(r.status == "complete" and len(r.epochs) == 2 for r in records)
    assert registry().snapshot(race_id).status == "complete"
    # the standing is the records', beside bars in the colours of the norms
    heads, rows, found = bars(app)
    assert heads == [
        *("Variant", "Progress", "Place", "Test accuracy (%)", "Test loss", "Training accuracy (%)", "Gap"),
        "Images a second",
    ]
    last = {r.label: r.epochs[-1] for r in records}
    order = sorted((row.test_accuracy for row in last.values()), reverse=True)
    colors = {"BN + L1": "#0072B2", "GN (4)": "#009E73", "LN": "#D55E00"}
    assert sorted(cells[0] for cells in rows) == sorted(colors)
    for cells, bar in zip(rows, found, strict=True):
        row, color = last[cells[0]], colors[cells[0]]
        assert cells[1] == bar["aria-valuetext"] == "complete after 2 of 2 epochs"
        assert cells[2:7] == [
            str(1 + order.index(row.test_accuracy)),
            f"{row.test_accuracy:.2f}",
            f"{row.test_loss:.4f}",
            f"{row.train_accuracy:.2f}",
            f"{row.train_accuracy - row.test_accuracy:+.2f}",
        ]
        assert row.train_accuracy != row.test_accuracy  # else the gap's sign would not be seen
        assert (bar["aria-label"], bar["aria-valuenow"]) == (cells[0], "100")
        assert bar["style"] == f"width: 100%; background: {color}"


def test_a_race_is_found_again_by_another_visitor_with_its_address(open_page):
    clicked = threading.Event()

    def wait_for_the_click(training, event):
        if isinstance(event, BatchDone):
            clicked.wait(PATIENCE)  # the race is not over before the other visitor is there

    registry().start = after_events(wait_for_the_click)
    try:
        app = _start(open_page("train", train_dataset="digits", train_epochs="2"))
        race_id = _race(app)
        other = open_page("train", race=race_id)
        wait(other, lambda a: "Racing" in texts(a))
        next(b for b in other.button if b.label == "Stop all").click().run()
    finally:
        clicked.set()  # else the end of the test would wait for the workers
    wait(other, lambda a: "**Stopped**" in texts(a))
    assert {v.status for v in registry().snapshot(race_id).variants} == {"interrupted"}


def test_coming_back_from_another_page_shows_the_race_again(open_page):
    app = _start(open_page("train", train_dataset="digits", train_epochs="2"))
    race_id = _race(app)
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert _race(app) == race_id
    finished(app)


def test_an_unknown_race_is_explained(open_page):
    app = open_page("train", race="0123456789abcdef")
    assert "does not know that race" in texts(app)
    assert _by_label(app.button, "Start the race")
    app = open_page("train", race="../../etc/passwd")
    assert r"race = '..\/..\/etc\/passwd', which is not possible here" in texts(app)
    assert _by_label(app.button, "Start the race")


def test_the_first_race_is_a_short_one_on_small_mnist(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("NORMLENS_DATA", str(tmp_path / "nothing"))  # it comes with the app
    app = open_page("train", state={MORE: True})
    assert app.selectbox(key="train_dataset").value == "mnist-small"
    assert app.slider(key="train_epochs").value == 5
    # left out of the address where it is the default
    assert app.selectbox(key="train_dataset").proto.default == list(DATASETS).index("mnist-small")
    told = app.selectbox(key="train_dataset").help
    assert "On small MNIST, 0.1 points of accuracy are one of the 1,000 test images." in told
    app.slider(key="train_epochs").set_value(1)
    app.slider(key="train_variants").set_value(1)
    app = finished(_start(app.run()))
    (run,) = RunStore().summaries()[0]
    assert (run.config.dataset, run.status, len(run.epochs)) == ("mnist-small", "complete", 1)
    assert "small MNIST: 1 epoch, batch 128, lr 0.1, seed 0" in said(app)
    images = f"{1000 - round(10 * run.epochs[-1].test_accuracy)} of 1,000 test images of small MNIST wrong"
    assert images in texts(open_page("misclassified", wrong_runs=run.run_id))
    assert "1.00 points high: what 10 of 1,000 test images change; one of them is 0.1 points." in texts(
        open_page("compare", compare_runs=run.run_id)
    )


def test_without_the_data_the_race_goes_on_with_small_mnist_and_says_so(open_page, monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("NORMLENS_DATA", str(blocked))
    app = _start(open_page("train", train_dataset="MNIST", train_epochs="1", train_variants="1"))
    finished(app)
    said = texts(app)
    assert "not a folder. The race goes on with the data set small MNIST, which comes with the app." in said
    assert str(tmp_path) not in said
    assert {r.config.dataset for r in RunStore().summaries()[0]} == {"mnist-small"}


def test_says_how_many_runs_are_kept_but_not_where(open_page):
    said = texts(open_page("train"))
    assert str(RunStore().root) not in said
    assert "at most 60 of them" in said
    assert "Everyone who uses this server sees them" in said


def test_one_variant_is_stopped_and_the_others_finish(open_page):
    clicked = threading.Event()

    def wait_for_the_click(training, event):
        if training.config.norm == "ln" and isinstance(event, EpochDone):
            clicked.wait(PATIENCE)  # however fast or slow the machine is, LN is not through before the click

    registry().start = after_events(wait_for_the_click)
    try:
        app = _start(open_page("train", train_dataset="digits", train_epochs="3"))
        wait(app, lambda a: any(b.label == "Stop LN" for b in a.button))
        next(b for b in app.button if b.label == "Stop LN").click().run()
    finally:
        clicked.set()  # else the end of the test would wait for the worker
    wait(app, lambda a: "**Ended**" in texts(a))
    assert "Completed: BN + L1 and GN (4). Stopped: LN." in texts(app)
    ends = {v.label: v.status for v in registry().snapshot(_race(app)).variants}
    assert ends == {"BN + L1": "complete", "GN (4)": "complete", "LN": "interrupted"}


def test_again_with_another_seed(open_page):
    app = _start(open_page("train", train_dataset="digits", train_epochs="1", train_variants="1"))
    finished(app)
    first = _race(app)
    app.button(key="train_again").click().run()
    assert not app.exception
    second = _race(app)
    assert second != first
    assert [v.config.seed for v in registry().snapshot(second).variants] == [1]
    assert app.number_input(key="train_seed").value == 1
    finished(app)
    assert sorted(r.config.seed for r in RunStore().summaries()[0]) == [0, 1]
    # now that a race was measured, the next one has an estimate
    assert "at the rate of the last race on this server" in texts(app)


def test_a_worker_that_raises_shows_what_happened_and_frees_the_queue(open_page, caplog):
    def broken(config, data, **given):
        raise RuntimeError("a cable came loose in /srv/place")

    registry().start = broken
    app = _start(open_page("train", train_dataset="digits", train_epochs="1"))
    wait(app, lambda a: "**Ended early**" in texts(a))
    assert "training stopped on an error of the server; its log says more" in texts(app)
    assert "/srv/place" in caplog.text
    assert "cable" not in texts(app)
    assert registry().busy() == 0


def test_rows_stay_where_they_are_while_a_race_runs_and_stand_by_place_once_it_has_ended(monkeypatch):
    drawn = []
    monkeypatch.setattr(race_bars.st, "html", drawn.append)

    def after(accuracy, **values):
        config = RunConfig(norm="bn", **values)
        rows = () if accuracy is None else (EpochRow(1, 0.3, 90.0, 0.2, accuracy, 1.0),)
        return VariantSnapshot(config=config, label=config.label, rows=rows)

    variants = (after(None, l1=1e-4, l2=1e-4), after(95.0), after(96.0, l1=1e-4), after(95.0, l2=1e-4))
    for status in ("running", "interrupted"):
        race_bars.bars(RaceSnapshot(race_id="0" * 16, status=status, variants=variants))
    running, ended = (table(html) for html in drawn)
    assert [cells[0] for cells in running[0]] == ["BN + L1 + L2", "BN", "BN + L1", "BN + L2"]
    places = [("BN + L1", "1"), ("BN", "2"), ("BN + L2", "2"), ("BN + L1 + L2", "–")]
    assert [(cells[0], cells[2]) for cells in ended[0]] == places
    # a row takes its bar along, stripes and all: the first of a norm is the one that is first in the race
    by_name = [{bar["aria-label"]: bar["style"] for bar in bars} for _, bars in (running, ended)]
    assert by_name[0] == by_name[1]
    assert [name for name, style in by_name[1].items() if "repeating" not in style] == ["BN + L1 + L2"]
