"""Records of recipe 1 are read, give the numbers that they were recorded with, and cannot be trained again."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from core.cli.parser import main
from core.config import ConfigError
from core.data import datasets
from core.model import GEOMETRIES
from core.records import network
from core.records.answers import answers, probabilities
from core.records.archive import from_zip, to_zip
from core.records.files import RUN_FILE, decode, encode
from core.records.record import RecordError
from core.records.store import RunFolder, load, load_summary
from core.training.loop import evaluate, train
from tests.former_recipe import FOLDER, IDS, former_runs


@pytest.fixture(scope="module")
def former():
    return former_runs()


def test_they_say_their_recipe_and_keep_their_names(former):
    assert [run.label for run in former] == ["BN + L1 (recipe 1)", "GN (4) (recipe 1)", "LN (recipe 1)"]
    assert {run.config.recipe for run in former} == {1}
    assert tuple(run.run_id for run in former) == IDS
    for run in former:
        assert load_summary(FOLDER / run.run_id).config == run.config
        assert RunFolder(FOLDER).load(run.run_id).digest == run.digest
    found, refused = RunFolder(FOLDER).summaries()
    assert {run.run_id for run in found} == set(IDS)
    assert refused == []


def test_they_have_the_network_of_their_recipe(former):
    for run in former:
        assert network.verify(FOLDER / run.run_id).digest == run.digest
        assert network.trained_model(run).geometry == GEOMETRIES[1]


def test_their_weights_give_the_probabilities_that_were_recorded(former):
    for run in former:
        found = probabilities(network.trained_model(run), run.predictions.wrong_image, "mnist")
        # recorded on another processor, perhaps, and in another batch
        np.testing.assert_allclose(found, run.predictions.wrong_probabilities, atol=1e-3)
        [answer], missing = answers([(run.label, run)], run.predictions.wrong_image[0])
        assert answer.predicted == run.predictions.predicted[run.predictions.wrong_index[0]]
        assert missing == []


def test_an_archive_of_one_is_read_and_handed_on_as_it_is(former):
    for run in former:
        back = from_zip(to_zip(run))
        assert back.config == run.config
        assert back.digest == run.digest


def test_a_fresh_forward_pass_gives_what_was_recorded(former, mnist_root):
    run = former[0]
    result = evaluate(network.trained_model(run), datasets.load("mnist", mnist_root))
    found = run.predictions
    np.testing.assert_array_equal(result.predicted.numpy(), found.predicted)
    np.testing.assert_allclose(result.probabilities.numpy().max(axis=1), found.confidence, atol=1e-4)
    assert result.accuracy == run.epochs[-1].test_accuracy
    assert result.loss == pytest.approx(run.epochs[-1].test_loss, rel=1e-5)


def test_the_command_gives_the_recorded_numbers(mnist_root, capsys):
    assert main(["evaluate", str(FOLDER / IDS[0]), "--data-root", str(mnist_root)]) == 0
    assert capsys.readouterr().out == "BN + L1 (recipe 1): test accuracy 99.50 %, test loss 0.0143\n"
    assert main(["evaluate", str(FOLDER / IDS[1]), "--data-root", str(mnist_root), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said.pop("test_loss") == pytest.approx(0.014263899065554142, rel=1e-5)
    assert said == {
        "event": "evaluated",
        "run_id": IDS[1],
        "label": "GN (4) (recipe 1)",
        "test_accuracy": 99.56,
        "at_chance": False,
    }


def test_no_former_recipe_is_trained(former, few):
    with pytest.raises(ConfigError, match=r"^recipe=1 is a former one: its records can be shown and evaluated, but"):
        train(former[0].config, few)


@pytest.mark.parametrize("command", [["train", "--norm", "bn"], ["race", "--preset", "assignment"], ["study"]])
def test_the_command_line_cannot_name_a_recipe(command, capsys):
    assert main([*command, "--recipe", "1"]) == 2
    assert "unrecognized arguments: --recipe 1" in capsys.readouterr().err


@pytest.fixture
def with_recipe(sign, former):
    """A function: the files of a record whose run.json has this as its recipe, with all checksums right."""
    return lambda value, record=former[0]: sign(encode(record), lambda run: run["config"].update(recipe=value))


@pytest.mark.parametrize("value", [0, 3, -1, "2", 1.0, 2.0, True, None])
def test_a_recipe_that_no_version_has_is_named_with_what_can_be_read(with_recipe, value):
    with pytest.raises(RecordError) as error:
        decode(with_recipe(value))
    assert str(error.value) == (
        f"run.json: field 'config' is invalid: recipe={value!r} is not known to this version; it trains recipe 2 and "
        "reads records of recipes 1 and 2"
    )


@pytest.mark.parametrize("value", [[1], {"1": 1}])
def test_a_recipe_that_is_nested_is_refused(with_recipe, value):
    with pytest.raises(RecordError, match=r"^run.json: field 'config' holds more than texts and numbers$"):
        decode(with_recipe(value))


def test_a_record_cannot_change_its_recipe(with_recipe):
    with pytest.raises(RecordError, match=r"^run.json: field 'run_id' does not match the configuration$"):
        decode(with_recipe(2))


def test_the_first_records_named_their_recipe_and_nothing_of_validation(sign, former):
    first = decode(sign(encode(former[0]), lambda run: run["config"].pop("validation")))
    assert first.config == former[0].config
    assert first.run_id == IDS[0]


def test_a_record_without_a_recipe_is_none_that_any_version_wrote(sign, former):
    with pytest.raises(RecordError, match=r"^run.json: field 'config' lacks 'recipe'$"):
        decode(sign(encode(former[0]), lambda run: run["config"].pop("recipe")))


def test_the_command_names_the_folder_and_the_rule(tmp_path, capsys, with_recipe, former):
    folder = shutil.copytree(FOLDER / IDS[2], tmp_path / IDS[2])
    (folder / RUN_FILE).write_bytes(with_recipe(3, former[2])[RUN_FILE])
    with pytest.raises(RecordError, match="recipe=3 is not known to this version"):
        load(folder)
    assert main(["evaluate", str(folder)]) == 1
    assert capsys.readouterr().err == (
        f"core: error: {folder}: run.json: field 'config' is invalid: recipe=3 is not known to this version; it trains "
        "recipe 2 and reads records of recipes 1 and 2\n"
    )
