"""The address of a Dask scheduler: what is none, and one line where nobody answers at it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import pytest

from core.jobs import cluster
from tests.core.cli.dask_processes import ROOT
from tests.core.cli.test_parser import run
from tests.core.cli.test_study_dask import SECONDS, STUDY

BAD = ["", "garbage", "127.0.0.1:8786", "http://127.0.0.1:8786", "tcp://", "tcp://host", "tcp://host:", "tcp://host:0"]
BAD += ["tcp://host:65536", "tcp://host:١", "tcp://a b:1", "tcp://host:1/x", "tcp://host:1\n", "inproc://1", "z" * 5000]


@pytest.mark.parametrize("address", BAD, ids=lambda address: repr(address[:30]))
def test_a_malformed_address_is_one_line_and_status_2(address, capsys, tmp_path):
    status, out, errors = run(capsys, *STUDY, "--out", tmp_path, "--dask", address)
    assert (status, out, len(errors)) == (2, [], 1)
    assert errors[0].startswith("core: error: dask='" + address[:1].strip())
    assert errors[0].endswith("' is no address of a scheduler; use tcp://HOST:PORT")


@pytest.mark.parametrize(
    "address", ["tcp://localhost:8786", "tcp://127.0.0.1:1", "tcp://[::1]:65535", "tcp://a-b.c:80"]
)
def test_an_address_is_taken(address):
    cluster.check_address(address)


SHORT = """
import sys
from concurrent.futures import ThreadPoolExecutor
from core.jobs import cluster
cluster.CONNECT_SECONDS = 1
from core.jobs.executors import open_executor
from core.jobs.failures import ExecutorError

def answer(address):
    try:
        with open_executor(address):
            return "open"
    except ExecutorError as error:
        return error

with ThreadPoolExecutor() as pool:
    print(*pool.map(answer, sys.argv[1:]), sep="\\n")
"""


def test_where_no_scheduler_answers_one_line_says_so():
    """Nobody there, no such host, somebody who says nothing, and somebody who says something else."""
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as other:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            ports = [s.getsockname()[1] for s in (closed, silent, other)]
        threading.Thread(target=_answer, args=(other,), daemon=True).start()
        addresses = [*(f"tcp://127.0.0.1:{port}" for port in ports), "tcp://nowhere.invalid:1"]
        command = [sys.executable, "-c", SHORT, *addresses]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    answers = [f"no Dask scheduler answers at {address}: " for address in addresses]
    answers[1] = f"what listens at {addresses[1]} does not answer within 1 seconds, as a Dask scheduler would"
    assert [line[: len(answer)] for line, answer in zip(lines, answers, strict=True)] == answers


def _answer(server):
    while True:
        try:
            connection, _ = server.accept()
        except OSError:  # the test is over
            return
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
