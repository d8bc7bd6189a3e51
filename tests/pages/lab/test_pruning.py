"""The live part: two measures behind one choice, their numbers, their addresses, and what a server may lack."""

import json

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.data.download import DataError
from core.experiments.pruned import pruned, study_input
from core.experiments.pruning_networks import METHODS
from core.experiments.scaled import CASES
from core.experiments.trained import shipped_network
from core.records.store import SHIPPED_ENV
from pages.parts.lab import pruning
from pages.parts.lab.pruning import PARAMETERS, PARTS, TESTS
from pages.parts.shared.ready import NO_NETWORK

PATIENCE = 120


@pytest.fixture
def here(monkeypatch):
    """A server that has the study's networks."""
    monkeypatch.delenv(SHIPPED_ENV, raising=False)


def page():
    from pages.parts.lab.pruning import PARAMETERS, live
    from pages.parts.shared.address import read_address

    read_address(PARAMETERS)
    live()


def opened(**parameters: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=PATIENCE)
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def charts(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def errors(share: int) -> list[float]:
    """By the method's order, with stored statistics, from a plain pass."""
    data = datasets.load("mnist-small")
    x, labels = study_input(data.test_images, data), data.test_labels
    found = []
    for of in METHODS:
        model = pruned(shipped_network(of.norm, 0, l1=of.l1, l2=of.l2), share).model
        with torch.no_grad():
            wrong = sum(
                int((model(a).argmax(1) != b).sum()) for a, b in zip(x.split(200), labels.split(200), strict=True)
            )
        found.append(100 * wrong / TESTS)
    return found


def test_the_slider_removes_weights_of_all_methods(here):
    app = opened()
    assert app.slider(key="lab_pruning_share").value == 80
    for share in (80, 20):
        app.slider(key="lab_pruning_share").set_value(share).run()
        assert not app.exception
        bars = charts(app)[0]["data"][0]
        assert [label for label in bars["y"] if "re-estimated" not in label] == [of.method for of in METHODS]
        texts = [text for label, text in zip(bars["y"], bars["text"], strict=True) if "re-estimated" not in label]
        assert texts == [f"{error:.1f} %" for error in errors(share)]
    weights = pruned(shipped_network("bn", 0), 0).weights
    assert app.markdown[0].value.startswith(
        f"Of seed 0, without {round(0.2 * weights):,} of {weights:,} weights, **BN is wrong on "
    )


def test_the_address_holds_what_is_shown(here):
    app = opened(lab_pruning_share="50", lab_pruning_network="LN", lab_pruning_layer="Conv 5")
    assert app.slider(key="lab_pruning_share").value == 50
    left = pruned(shipped_network("ln", 0), 50).model.convs[4].weight
    alt = app.get("plotly_chart")[1].proto.alt
    assert alt.startswith(f"Conv 5 of LN: {int((left == 0).sum()):,} of its {left.numel():,} weights are removed")
    assert not app.warning


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lab_pruning", "Everything"),
        ("lab_pruning_share", "96"),
        ("lab_pruning_share", "1e1"),
        ("lab_pruning_network", "IN"),
        ("lab_pruning_layer", "Conv 6"),
        ("lab_scaled_layer", "0"),
        ("lab_scaled_factor", "1"),
        ("lab_scaled_factor", "nan"),
    ],
)
def test_what_an_address_cannot_have(here, name, value):
    app = opened(**{name: value})
    assert f"The link asks for {name} = " in app.warning[0].value
    assert app.slider(key="lab_pruning_share").value == 80


def test_a_convolution_is_scaled(here):
    app = opened(lab_pruning=PARTS[1], lab_scaled_factor="0.1")
    (bars,) = charts(app)[0]["data"]
    assert list(bars["y"]) == [case.label for case in CASES]
    assert [text.split()[0] == "0" for text in bars["text"]] == [case.invariant for case in CASES]
    assert app.markdown[0].value.startswith("**BN in training, GN (4), LN and IN**: none of 256 answers changes")
    before = app.markdown[0].value
    app.selectbox(key="lab_scaled_layer").set_value("Conv 3").run()
    assert not app.exception
    assert app.markdown[0].value != before


def test_going_there_and_back_keeps_the_address_s_choice(here):
    app = opened(lab_pruning_share="50")
    app.segmented_control(key="lab_pruning").set_value(PARTS[1]).run()
    assert app.select_slider(key="lab_scaled_factor").value == "10"
    app.segmented_control(key="lab_pruning").set_value(PARTS[0]).run()
    assert not app.exception
    assert app.slider(key="lab_pruning_share").value == 50


def test_a_server_with_damaged_images(here, monkeypatch):
    def damaged(name):
        raise DataError("/somewhere cannot be read.", for_visitors="Small MNIST cannot be read here.")

    monkeypatch.setattr(pruning, "load", damaged)
    app = opened()
    assert [warning.value for warning in app.warning] == ["Small MNIST cannot be read here."]
    assert not charts(app)


@pytest.mark.parametrize("part", PARTS)
def test_a_server_without_the_study(monkeypatch, tmp_path, part):
    monkeypatch.setenv(SHIPPED_ENV, str(tmp_path))
    app = opened(lab_pruning=part)
    assert [warning.value for warning in app.warning] == [NO_NETWORK]
    assert not charts(app)


def test_every_parameter_is_the_lab_s():
    assert all(parameter.name.startswith("lab_") for parameter in PARAMETERS)
    assert len({parameter.name for parameter in PARAMETERS}) == len(PARAMETERS)
