"""Work on one thread of torch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from core.experiments import one_thread
from core.experiments.one_thread import in_one_thread


@pytest.fixture
def three():
    """Torch's number of threads is three, here and in threads that begin."""
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    one_thread._usual.cache_clear()
    yield
    torch.set_num_threads(before)
    one_thread._usual.cache_clear()


def of_a_new_thread():
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(torch.get_num_threads).result()


def test_torch_uses_one_thread_in_it_and_as_many_as_before_elsewhere(three):
    assert in_one_thread(lambda: (torch.get_num_threads(), of_a_new_thread())) == (1, 3)
    assert (torch.get_num_threads(), of_a_new_thread()) == (3, 3)


def test_what_goes_wrong_in_it_is_raised(three):
    with pytest.raises(ZeroDivisionError):
        in_one_thread(lambda: 1 / 0)
    assert (torch.get_num_threads(), of_a_new_thread()) == (3, 3)
