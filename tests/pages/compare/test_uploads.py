"""Uploading records and handing them out, as a visitor does it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.records import store as runs
from core.records.archive import from_zip, to_zip
from core.records.files import RUN_FILE, encode
from core.records.record import RecordError, RunRecord, RunSummary
from core.records.store import RunStore
from pages.parts.compare import uploads
from pages.parts.shared.address import plain
from tests.pages.compare.test_compare import figures, lines
from tests.pages.conftest import PATIENCE, texts
from tests.sizes import PARAMETERS


def page() -> None:
    """The upload control above its picker, as the Compare page has them, and the picker of single runs."""
    import streamlit as st

    from pages.parts.compare.picker import method_picker
    from pages.parts.compare.uploads import record_download, upload_control
    from pages.parts.misclassified.picker import run_picker
    from pages.parts.shared.library import full_record, kept_runs

    upload_control()
    records = kept_runs()
    if records:
        for run in [run for method in method_picker(records) for run in method.records]:
            full = full_record(run.run_id)
            st.write(f"chosen {run.run_id} {full is not None}")
            record_download(run)
        run_picker(records)


def opened() -> AppTest:
    app = AppTest.from_function(page, default_timeout=PATIENCE).run()
    assert not app.exception
    return app


def send(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(name, data, "application/zip") for name, data in files]).run()
    assert not app.exception
    return app


def seed(record: RunRecord, number: int) -> RunRecord:
    return record.changed(config=replace(record.config, seed=number))


def chosen(app: AppTest) -> list[str]:
    return [m.value.split()[1] for m in app.markdown if m.value.startswith("chosen ")]


def errors(app: AppTest) -> list[str]:
    return [error.value.replace("\\", "") for error in app.error]


def test_an_uploaded_run_is_listed_chosen_and_whole(record):
    app = send(opened(), ("mine.zip", to_zip(record)))
    accuracy = f"{record.epochs[-1].test_accuracy:.2f} % after epoch 2"
    assert f"- **BN** on digits: {accuracy} (2 epochs, batch 64, lr 0.1, seed 0)" in texts(app)
    assert f"chosen {record.run_id} True" in texts(app)
    assert app.multiselect[0].options == ["BN"]
    assert app.multiselect[1].options == ["BN, uploaded"]
    assert not app.error
    # the control is empty again: the file itself is not kept
    assert app.file_uploader[0].value == []


def test_it_is_added_to_what_was_chosen(trained, record):
    app = opened()
    assert chosen(app) == [record.run_id]
    other = seed(record, 3)
    assert chosen(send(app, ("a.zip", to_zip(other)))) == [record.run_id, other.run_id]
    assert chosen(send(app, ("again.zip", to_zip(other)))) == [record.run_id, other.run_id]


def test_a_bad_file_is_refused_by_name_and_the_good_ones_stay(record):
    good, other = to_zip(record), seed(record, 4)
    app = send(opened(), ("good.zip", good), ("photo_1.zip", b"\x89PNG"), ("other.zip", to_zip(other)))
    assert errors(app) == ["photo_1.zip: it is not a whole .zip archive: another kind of file, or truncated."]
    assert set(chosen(app)) == {record.run_id, other.run_id}
    app = send(app, ("cut.zip", good[:-1]))
    assert errors(app) == ["cut.zip: it is not a whole .zip archive: another kind of file, or truncated."]
    assert set(chosen(app)) == {record.run_id, other.run_id}
    assert errors(send(app, ("good.zip", good))) == []


def test_a_file_of_pytorch_is_told_from_a_record():
    buffer = io.BytesIO()
    torch.save({"head.bias": torch.zeros(10)}, buffer)
    [sentence] = errors(send(opened(), ("model.zip", buffer.getvalue())))
    assert sentence == (
        "model.zip: it is a file of PyTorch (torch.save), which can hold code and is not opened here; upload the "
        "record of the run as this app or python -m core leaves it: run.json, weights.safetensors and "
        "predictions.npz in one .zip."
    )


def test_names_of_a_stranger_are_shown_as_text(record):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[click](http://example.org).json", b"")
    app = send(opened(), ("**a_b**.zip", buffer.getvalue()))
    (error,) = app.error
    assert error.value.startswith(r"\*\*a\_b\*\*.zip: the entry '\[click\]\(http:\/\/example.org\).json' is not")


def test_what_a_refusal_quotes_is_cut_and_can_be_sent(record):
    values = json.loads(encode(record)[RUN_FILE])
    broken = {}
    for name, change in {
        "long.zip": {"config": {**values["config"], "norm": "a" * 100_000}},
        "half.zip": {"status": "\ud800"},
    }.items():
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(RUN_FILE, json.dumps({**values, **change}))
        broken[name] = buffer.getvalue()
    app = send(opened(), *broken.items())
    assert len(app.error) == 2
    assert all(len(sentence) < 500 for sentence in errors(app))
    assert errors(app)[1].startswith("half.zip: run.json: field 'status' is 'ud800'")  # errors() drops backslashes
    # a name that the test's driver cannot send
    assert plain("\ud800.zip") == "?.zip"


def test_of_many_refusals_twelve_are_said():
    app = send(opened(), *((f"{i}.zip", b"no") for i in range(15)))
    assert len(app.error) == 13
    assert errors(app)[-1] == "3 more files were refused."


def test_forget_removes_them_from_the_list_and_the_choice(trained, record):
    mine, other = seed(record, 3), record
    app = send(opened(), ("a.zip", to_zip(mine)), ("b.zip", to_zip(other)), ("c.zip", b"no"))
    assert set(chosen(app)) == {mine.run_id, other.run_id}
    app.button(key="upload_forget").click().run()
    assert not app.exception
    # the one that is also on the server stays chosen
    assert chosen(app) == [other.run_id]
    assert app.multiselect[0].options == ["BN"]
    assert not app.error
    assert "upload_forget" not in {button.key for button in app.button}


def test_nothing_is_written_and_nobody_else_sees_it(record):
    app = send(opened(), ("mine.zip", to_zip(record)))
    assert chosen(app) == [record.run_id]
    assert RunStore().summaries() == ([], [])
    assert list(runs.runs_root().iterdir()) == []
    assert list(runs.shipped_root().iterdir()) == []
    assert not opened().multiselect


def test_a_file_is_decoded_once(record, monkeypatch):
    decoded = []
    monkeypatch.setattr(uploads, "from_zip", lambda data: decoded.append(len(data)) or from_zip(data))
    data = to_zip(record)
    app = send(opened(), ("mine.zip", data))
    for _ in range(3):
        app.run()
    assert decoded == [len(data)]
    assert chosen(app) == [record.run_id]


def test_at_most_twelve_runs(record):
    files = [(f"{i}.zip", to_zip(seed(record, i))) for i in range(14)]
    app = send(opened(), *files)
    reason = "12 runs are uploaded already; forget some of them first."
    assert errors(app) == [f"12.zip: {reason}", f"13.zip: {reason}"]
    assert len(app.session_state["uploaded runs"]) == 12
    assert chosen(app) == [seed(record, i).run_id for i in range(12)]
    # one that is there already is no thirteenth
    assert errors(send(app, files[3])) == []
    assert errors(send(app, files[13])) == [f"13.zip: {reason}"]


def test_their_size_together_is_limited(record, monkeypatch):
    size = record.array_bytes
    expected = sum(a.nbytes for a in record.weights.values()) + 359 * (8 + 8 + 4)
    expected += len(record.predictions.wrong_index) * (8 + 784 + 40)
    assert size == expected
    monkeypatch.setattr(uploads, "MAX_SESSION_BYTES", 2 * size)
    app = send(opened(), *((f"{i}.zip", to_zip(seed(record, i))) for i in range(3)))
    assert len(errors(app)) == 1
    assert errors(app)[0].startswith("2.zip: the uploaded runs may hold ")
    assert list(app.session_state["uploaded runs"]) == [seed(record, i).run_id for i in range(2)]


def test_a_run_without_an_epoch_has_nothing_to_show(record):
    empty = RunSummary(config=record.config, status="interrupted", message="stopped", parameters=PARAMETERS)
    app = send(opened(), ("empty.zip", to_zip(empty)))
    assert errors(app) == ["empty.zip: the run stopped before its first epoch ended, so there is nothing to show."]
    assert not app.multiselect


@pytest.mark.parametrize("where", ["own", "shipped", "uploaded"])
def test_the_download_is_the_whole_record(record, monkeypatch, nothing_ships, where):
    offered = {}

    def receive(label, data, **how):
        offered[how["file_name"]] = (data, how)

    monkeypatch.setattr(uploads.st, "download_button", receive)
    if where != "uploaded":
        runs.save(record, RunStore().root if where == "own" else nothing_ships)
        app = opened()
    else:
        app = send(opened(), ("mine.zip", to_zip(record)))
    assert chosen(app) == [record.run_id]
    data, how = offered[f"normlens_bn_seed0_{record.run_id}.zip"]
    assert data() == to_zip(record)
    assert how["on_click"] == "ignore"
    assert how["mime"] == "application/zip"


def test_a_download_of_a_run_that_is_gone_fails_without_a_file(trained, record, monkeypatch):
    offered = []
    monkeypatch.setattr(uploads.st, "download_button", lambda label, data, **how: offered.append(data))
    opened()
    (trained.root / record.run_id / RUN_FILE).unlink()
    with pytest.raises(RecordError, match=r"run.json: missing"):
        offered[0]()


def test_the_compare_page_takes_uploads(open_page, record):
    app = open_page("compare")
    assert "Train the variants first" in texts(app)
    send(app, ("mine.zip", to_zip(record)))
    assert "Train the variants first" not in texts(app)
    assert app.multiselect[0].value == [record.run_id]
    app.switch_page("pages/misclassified.py").run()
    assert not app.exception
    assert app.multiselect[0].value == [record.run_id]


def test_what_is_uploaded_was_downloaded(record):
    # the way around: what one visitor hands on, another reads, file by file
    assert encode(from_zip(to_zip(record))) == encode(record)


LOG = b"epoch,accuracy,loss,val_accuracy,val_loss\n0,0.9,0.3,0.95,0.2\n1,0.96,0.2,0.97,0.1\n"


def test_a_log_of_another_program_joins_the_graphs_untested(open_page, trained, record):
    app = open_page("compare")
    before = texts(app)
    send(app, ("my**run.csv", LOG), ("broken.csv", b"a,b\n1,2\n"))
    [refused] = errors(app)
    assert refused.startswith("broken.csv: none of its columns ('a, b') counts epochs; a column of epochs is needed")
    assert r"- **my\*\*run** of my\*\*run.csv: 2 epochs, drawn and not tested; accuracy as training accuracy" in texts(
        app
    )
    for figure, values, final in (
        (figures(app)[0], [0.2, 0.1], "my**run: final 0.1000, not tested"),
        (figures(app)[1], [95, 97], "my**run: final 97.00 %, not tested"),
    ):
        own, foreign = lines(figure)
        assert own["y"] != values
        assert (foreign["x"], foreign["y"], foreign["name"]) == ([1, 2], values, final)
        assert foreign["line"]["color"] == "#777777"
        assert foreign["marker"]["symbol"] == "star"
    assert len(app.dataframe[0].value) == 1
    assert [line for line in before.splitlines() if line not in texts(app)] == []  # nothing is said of it in words
    assert "drawn as well, not tested: my**run." in app.get("plotly_chart")[-1].proto.alt
    assert lines(figures(open_page("compare"))[0])[0]["name"].startswith("BN")
    app.button(key="upload_forget").click().run()
    assert len(lines(figures(app)[0])) == 1
    assert not app.error


def test_at_most_six_curves(record):
    app = send(opened(), *((f"run{i}.csv", LOG) for i in range(7)))
    assert errors(app) == ["run6.csv: 6 curves may be uploaded together; forget the uploads first."]
    assert errors(send(app, ("run0.csv", LOG))) == []  # the same again replaces the one before
