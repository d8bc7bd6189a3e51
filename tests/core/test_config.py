"""Run configurations: one form, one id, and clear words for values that no run can have."""

import json
import math
import re
from dataclasses import FrozenInstanceError, replace

import pytest

from core.catalogue import DATASETS, NORMS
from core.config import (
    RECIPE,
    RECIPES,
    ConfigError,
    RunConfig,
    check_groups,
    divisors,
    place_in_study,
    preset,
    races,
    with_dataset,
)
from core.labels import ABOUT_RECIPES, about_recipes, distinct_labels, summary, variant_in_words


def test_divisors_are_all_and_ascending():
    assert divisors(16) == (1, 2, 4, 8, 16)
    assert divisors(7) == (1, 7)
    assert divisors(1) == (1,)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"norm": "gn", "groups": 3}, "groups=3 does not divide 16 channels; use 1, 2, 4, 8 or 16"),
        ({"norm": "gn", "groups": 0}, "groups=0 is out of range; use a whole number from 1 to 16"),
        ({"norm": "gn", "groups": 32}, "groups=32 is out of range; use a whole number from 1 to 16"),
        ({"norm": "gn", "groups": 4.0}, "groups=4.0 is not a whole number; use one from 1 to 16"),
        ({"norm": "xx"}, "norm='xx' is unknown; use one of bn, ln, gn, in, none, ln-position, rms"),
        ({"norm": []}, "norm=[] is unknown; use one of bn, ln, gn, in, none, ln-position, rms"),
        (
            {"norm": "bn", "dataset": "cifar"},
            "dataset='cifar' is unknown; use one of mnist, mnist-small, fashion-mnist, digits",
        ),
        ({"norm": "bn", "l1": -1e-4}, "l1=-0.0001 is out of range; use a number from 0 to 1"),
        ({"norm": "bn", "l1": "1"}, "l1='1' is not a number; use a number from 0 to 1"),
        ({"norm": "bn", "l2": 2}, "l2=2 is out of range; use a number from 0 to 1"),
        ({"norm": "bn", "l2": True}, "l2=True is not a number; use a number from 0 to 1"),
        ({"norm": "bn", "lr": math.nan}, "lr=nan is not finite; use a number above 0 up to 10"),
        ({"norm": "bn", "lr": math.inf}, "lr=inf is not finite; use a number above 0 up to 10"),
        ({"norm": "bn", "lr": 0}, "lr=0 is out of range; use a number above 0 up to 10"),
        ({"norm": "bn", "epochs": 0}, "epochs=0 is out of range; use a whole number from 1 to 1000"),
        ({"norm": "bn", "epochs": True}, "epochs=True is not a whole number; use one from 1 to 1000"),
        ({"norm": "bn", "batch_size": 60_001}, "batch_size=60001 is out of range; use a whole number from 1 to 60000"),
        ({"norm": "bn", "seed": -1}, "seed=-1 is out of range; use a whole number from 0 to 4294967295"),
        ({"norm": "bn", "augment": 1}, "augment=1 is not a truth value; use true or false"),
        ({"norm": "bn", "width": 0}, "width=0 is out of range; use a whole number from 1 to 256"),
        *(
            (
                {"norm": "bn", "recipe": value},
                f"recipe={value!r} is not known to this version; it trains recipe 2 and reads records of recipes 1 "
                "and 2",
            )
            for value in (0, 3, 99, -1, 10**20, True, 1.0, "2", None)
        ),
    ],
)
def test_an_invalid_value_is_named_with_rule_and_fix(values, message):
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        RunConfig(**values)


def test_a_whole_number_that_no_float_holds_is_out_of_range():
    with pytest.raises(ConfigError, match=r"^lr=10{146}\.\.\.0{50} is out of range; use a number above 0 up to 10$"):
        RunConfig(norm="bn", lr=10**400)


def test_a_config_error_is_a_value_error():
    assert issubclass(ConfigError, ValueError)


def test_the_only_divisor_is_offered_alone():
    with pytest.raises(ConfigError, match=r"groups=2 does not divide 1 channels; use 1$"):
        check_groups(2, 1)


@pytest.mark.parametrize("norm", [n for n in NORMS if n != "gn"])
def test_groups_have_one_form_where_they_do_not_apply(norm):
    config = RunConfig(norm=norm, groups=7)
    assert config.groups == 1
    assert config.run_id == RunConfig(norm=norm).run_id


def test_numbers_have_one_form():
    assert RunConfig(norm="bn", l1=0).run_id == RunConfig(norm="bn", l1=-0.0).run_id
    assert math.copysign(1, RunConfig(norm="bn", l1=-0.0).l1) == 1.0
    assert RunConfig(norm="bn", lr=1) == RunConfig(norm="bn", lr=1.0)


def test_the_id_depends_on_every_field():
    base = RunConfig(norm="gn")
    others = [
        RunConfig(norm="bn"),
        *(
            RunConfig(norm="gn", **change)
            for change in (
                {"groups": 8},
                {"l1": 1e-4},
                {"l2": 1e-4},
                {"epochs": 5},
                {"batch_size": 64},
                {"lr": 0.05},
                {"seed": 1},
                {"dataset": "digits"},
                {"augment": False},
                {"width": 8},
                {"precision": "bf16"},
                {"validation": True},
                {"recipe": 1},
            )
        ),
    ]
    ids = {base.run_id, *(config.run_id for config in others)}
    assert len(ids) == 15
    assert all(re.fullmatch("[0-9a-f]{16}", i) for i in ids)


def test_the_id_of_a_configuration_never_changes():
    # records, links and caches are named by it
    assert RunConfig(norm="gn", groups=4, recipe=1).run_id == "d0b988d17b84ee1b"
    assert RunConfig(norm="gn", groups=4, recipe=2).run_id == "15dcea8aedabf15c"


def test_a_config_is_frozen_and_keyword_only():
    config = RunConfig(norm="bn")
    with pytest.raises(FrozenInstanceError):
        config.lr = 1.0
    with pytest.raises(TypeError):
        RunConfig("bn")


def test_dictionary_and_back():
    config = RunConfig(norm="gn", groups=8, l1=1e-4, seed=7, augment=False)
    assert RunConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"norm": "bn", "weight_decay": 1}, "unknown field 'weight_decay'; use augment, batch_size, dataset"),
        ({"lr": 0.1}, "the field 'norm' is missing; use one of bn, ln, gn, in, none, ln-position, rms"),
    ],
)
def test_a_foreign_dictionary_is_refused(values, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        RunConfig.from_dict(values)


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ({"norm": "bn"}, "BN"),
        ({"norm": "bn", "l1": 1e-4}, "BN + L1"),
        ({"norm": "bn", "l1": 1e-4, "l2": 1e-4}, "BN + L1 + L2"),
        ({"norm": "gn", "groups": 8, "l2": 1e-4}, "GN (8) + L2"),
        ({"norm": "ln"}, "LN"),
        ({"norm": "in"}, "IN"),
        ({"norm": "none", "l1": 0.1}, "no norm + L1"),
        ({"norm": "ln", "validation": True}, "LN (validation)"),
        ({"norm": "ln", "recipe": 1}, "LN (recipe 1)"),
        ({"norm": "gn", "l1": 1e-4, "recipe": 1, "validation": True}, "GN (4) + L1 (validation, recipe 1)"),
    ],
)
def test_labels(values, label):
    assert RunConfig(**values).label == label


def test_presets_are_the_exercises_variants():
    def short(name):
        return [(c.norm, c.groups, c.l1, c.l2) for c in preset(name)]

    assert short("assignment") == [("bn", 1, 1e-4, 0.0), ("gn", 4, 0.0, 0.0), ("ln", 1, 0.0, 0.0)]
    assert short("session6") == [("gn", 4, 1e-4, 0.0), ("ln", 1, 0.0, 2.5e-4), ("bn", 1, 1e-4, 2.5e-4)]
    assert [c.norm for c in preset("all")] == ["bn", "ln", "gn", "in", "none"]
    assert all(c.l1 == c.l2 == 0 for c in preset("all"))


def test_a_preset_takes_shared_fields_and_keeps_its_own():
    configs = preset("assignment", epochs=3, seed=5, l1=0.5)
    assert {(c.epochs, c.seed) for c in configs} == {(3, 5)}
    assert [c.l1 for c in configs] == [1e-4, 0.5, 0.5]


def test_an_unknown_preset_is_refused():
    with pytest.raises(ConfigError, match="preset='best' is unknown; use one of assignment, session6, all"):
        preset("best")


def test_distinct_labels_add_what_tells_equal_labels_apart():
    configs = [
        RunConfig(norm="bn", seed=0),
        RunConfig(norm="bn", seed=1),
        RunConfig(norm="ln"),
        RunConfig(norm="bn", seed=1, batch_size=4),
    ]
    assert distinct_labels(configs) == [
        "BN, batch 128, seed 0",
        "BN, batch 128, seed 1",
        "LN",
        "BN, batch 4, seed 1",
    ]


@pytest.mark.parametrize(
    ("one", "other", "labels"),
    [
        ({}, {"dataset": "digits"}, ["LN, MNIST", "LN, digits"]),
        ({"epochs": 1}, {"epochs": 5}, ["LN, 1 epoch", "LN, 5 epochs"]),
        ({}, {"augment": False}, ["LN, augmented", "LN, not augmented"]),
        ({"l1": 1e-4}, {"l1": 1e-3}, ["LN + L1, l1 0.0001", "LN + L1, l1 0.001"]),
        ({}, {"precision": "bf16"}, ["LN, fp32", "LN, bf16"]),
        ({}, {"width": 8, "lr": 0.2}, ["LN, lr 0.1, width 16", "LN, lr 0.2, width 8"]),
        ({}, {"validation": True, "seed": 1}, ["LN", "LN (validation)"]),
        ({}, {"recipe": 1, "precision": "bf16"}, ["LN", "LN (recipe 1)"]),
        ({"recipe": 1}, {"recipe": 1, "lr": 0.2}, ["LN (recipe 1), lr 0.1", "LN (recipe 1), lr 0.2"]),
    ],
)
def test_what_tells_runs_apart_is_put_in_words(one, other, labels):
    assert distinct_labels([RunConfig(norm="ln", **one), RunConfig(norm="ln", **other)]) == labels


@pytest.mark.parametrize("name", DATASETS)
def test_with_dataset_changes_nothing_else(name):
    config = RunConfig(norm="gn", groups=2, seed=3)
    changed = with_dataset(config, name)
    assert changed.dataset == name
    assert with_dataset(changed, config.dataset) == config


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"norm": "ln"}, "LayerNorm"),
        ({"norm": "bn", "l1": 1e-4}, "BatchNorm with an L1 penalty of 0.0001"),
        ({"norm": "gn", "groups": 4, "l2": 2.5e-4}, "GroupNorm with 4 groups and an L2 penalty of 0.00025"),
    ],
)
def test_a_variant_in_words(values, words):
    assert variant_in_words(RunConfig(**values)) == words


def test_the_study_is_of_the_current_recipe_alone():
    every = [config for race in races() for config in race]
    assert [place_in_study(config) for config in every] == list(range(len(every)))
    assert {place_in_study(replace(config, recipe=1)) for config in every} == {None}
    # its terms may be others: a processor without bfloat16 has it in fp32
    assert place_in_study(replace(every[4], precision="bf16", epochs=1)) == 4
    assert place_in_study(replace(every[4], lr=0.2, seed=99)) is None


def test_settings_name_a_former_recipe_and_no_other():
    assert summary(RunConfig(norm="ln")) == "20 epochs, batch 128, lr 0.1, seed 0"
    assert summary(RunConfig(norm="ln", recipe=1)) == "20 epochs, batch 128, lr 0.1, seed 0, recipe 1"


def test_a_former_recipe_is_explained_once():
    former, current = RunConfig(norm="ln", recipe=1), RunConfig(norm="ln")
    assert about_recipes([current, current]) == about_recipes([]) == []
    assert about_recipes([former, current, former]) == [
        "Recipe 1 is the network and the training of versions up to 0.3. Its runs are shown and evaluated as they are, "
        "and never tested against those of recipe 2."
    ]
    assert set(ABOUT_RECIPES) == set(RECIPES) - {RECIPE}
