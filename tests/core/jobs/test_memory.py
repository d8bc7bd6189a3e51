"""Heaps: what glibc is told shows in what the process holds."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from core.jobs import memory

HELD = """
import sys, threading
from core.jobs import memory
if sys.argv[1] == "few":
    assert memory.few_heaps()
def work(barrier):
    rows = [bytearray(1000) for _ in range(2000)]
    barrier.wait()
barrier = threading.Barrier(8)
threads = [threading.Thread(target=work, args=(barrier,)) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
# a heap of a thread is a mapping without a file of 64 MB, aligned to its size
maps = [line.split()[0].split("-")[0] for line in open("/proc/self/maps") if len(line.split()) == 5]
print(sum(int(start, 16) % (64 << 20) == 0 for start in maps))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc alone has heaps to share")
def test_threads_share_few_heaps(monkeypatch):
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    heaps = {
        kind: int(subprocess.run([sys.executable, "-c", HELD, kind], capture_output=True, check=True, text=True).stdout)
        for kind in ("few", "many")
    }
    assert heaps["few"] <= memory.ARENAS - 1  # one is the main heap
    assert heaps["many"] >= 4


def test_elsewhere_nothing_is_done(monkeypatch):
    memory.library.cache_clear()
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not memory.few_heaps()
    assert not memory.give_back()
    memory.library.cache_clear()
