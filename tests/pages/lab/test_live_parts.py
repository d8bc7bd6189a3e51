"""Every live part: torch on one thread while it measures, and networks that stay as they are, also when it fails."""

from __future__ import annotations

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st
import torch

from core.experiments import one_thread
from core.model import NormNet
from pages.parts.lab.pruning import PARTS
from tests.pages.lab.conftest import LIVE

POSITIONS = {
    "light": ({"lab_contrast": "0.2"}, {"lab_contrast": "0.4", "lab_noise": "0.1"}),
    "forgot_eval": ({"lab_class": "7"}, {"lab_class": "8"}),
    "depth": ({"lab_depth": "5"}, {"lab_depth": "6"}),
    "pruning": ({"lab_pruning_share": "60"}, {"lab_pruning": PARTS[1], "lab_scaled_layer": "Conv 2"}),
}
"""Two of each part; at the second one nothing is known from the first."""


class Refused(Exception):
    """What a test lets a network raise."""


@pytest.fixture
def three():
    """Torch uses three threads, here and in threads that begin."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    one_thread._usual.cache_clear()
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    torch.set_num_threads(before)
    one_thread._usual.cache_clear()


def of_a_new_thread() -> int:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(torch.get_num_threads).result()


def networks() -> list[NormNet]:
    """All that there are, the page's caches hold them."""
    gc.unfreeze()  # what the app has spared the collector is none of its objects
    gc.collect()
    return [found for found in gc.get_objects() if type(found) is NormNet]


def states(of: list[NormNet]) -> list[dict[str, torch.Tensor]]:
    return [{name: value.clone() for name, value in network.state_dict().items()} for network in of]


def test_there_are_positions_for_every_part():
    assert set(POSITIONS) == set(LIVE)


@pytest.mark.parametrize("name", LIVE)
def test_torch_has_one_thread_while_it_measures_and_as_many_as_before_elsewhere(open_part, three, monkeypatch, name):
    forward, during, inside = NormNet.forward, [], set()

    def noting(self, x):
        during.append(torch.get_num_threads())
        inside.add(threading.get_ident())
        return forward(self, x)

    monkeypatch.setattr(NormNet, "forward", noting)
    for position in POSITIONS[name]:
        during.clear()
        open_part(name, **position)
        assert set(during) == {1}
        assert (torch.get_num_threads(), of_a_new_thread()) == (3, 3)
    assert threading.get_ident() not in inside


@pytest.mark.parametrize("name", LIVE)
def test_networks_stay_as_they_are_also_where_a_measure_is_interrupted(open_part, three, monkeypatch, name):
    first, second = POSITIONS[name]
    open_part(name, **first)
    kept = networks()
    assert bool(kept) == (name != "depth")  # which draws its networks anew for every position
    before = states(kept)
    for passes in (1, 2, 3):
        left = iter(range(passes))
        forward = NormNet.forward

        def refusing(self, x, left=left, forward=forward):
            found = forward(self, x)
            if next(left, None) is None:
                raise Refused
            return found

        with monkeypatch.context() as patch:
            patch.setattr(NormNet, "forward", refusing)
            open_part(name, fails=True, **second)
    open_part(name, **second)
    assert len(networks()) >= len(kept)
    for network, was in zip(kept, before, strict=True):
        assert all(torch.equal(value, was[key]) for key, value in network.state_dict().items())
        assert not network.training
    assert (torch.get_num_threads(), of_a_new_thread()) == (3, 3)
