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


def machine(root, *, available=None, most=None, used=None, inactive=None):
    """Files as Linux has them, below ``root``."""
    group, proc = root / "sys/fs/cgroup", root / "proc"
    group.mkdir(parents=True)
    proc.mkdir()
    if available is not None:
        (proc / "meminfo").write_text(f"MemTotal: 9999999 kB\nMemAvailable:   {available // 1024} kB\nBuffers: 5 kB\n")
    for name, value in (("memory.max", most), ("memory.current", used)):
        if value is not None:
            (group / name).write_text(f"{value}\n")
    if inactive is not None:
        (group / "memory.stat").write_text(f"anon 7\ninactive_file {inactive}\n")
    return root


GB, MB = 1_000_000_000, 1_000_000


@pytest.mark.parametrize(
    ("files", "short"),
    [
        ({}, False),  # another system
        ({"available": GB}, False),
        ({"available": 150 * MB}, True),
        ({"available": GB, "most": "max", "used": GB}, False),
        ({"available": GB, "most": GB, "used": 700 * MB}, False),
        ({"available": GB, "most": GB, "used": 900 * MB}, True),
        ({"available": GB, "most": GB, "used": 900 * MB, "inactive": 300 * MB}, False),  # files are given up first
        ({"most": GB, "used": 900 * MB, "inactive": 50 * MB}, True),
    ],
)
def test_memory_is_short_by_what_machine_and_container_have_left(tmp_path, files, short):
    assert memory.short(machine(tmp_path, **files)) is short
