"""What a child may do. Each test cages a few lines of its own that try to do more."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.kit.cage import Cage, Died, TooSlow
from portal.kit.turns import NoTurn

SERVE = "\nfrom portal.kit import cage\ncage.serve(int(sys.argv[2]), work)"


@pytest.fixture
def caged(request):
    """Build a cage around the source of a function `work(raw)`."""

    def build(work: str, before_serving: str = "", **options) -> Cage:
        cage = Cage(f"import os, time\ndef work(raw):\n    {work}\n{before_serving}{SERVE}", **options)
        request.addfinalizer(cage.close)
        return cage

    return build


def run(cage: Cage, raw: bytes = b"photo", timeout: float = 20, most: int = 1 << 20) -> bytes:
    return cage.run(raw, timeout=timeout, most=most)


def children_of(cage: Cage) -> list[int]:
    pid = cage._nursery.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_child_answers_with_bytes_of_any_length(caged):
    assert run(caged("return raw[::-1]"), b"abc" * 99_999) == b"cba" * 99_999


def test_what_is_given_in_parts_arrives_in_parts(caged):
    parts = [b"a" * 999_999, b"", b"bc"]
    cage = caged("pass", before_serving="def work(*given): return b'|'.join(given)")
    assert cage.run(*parts, timeout=20, most=1 << 20) == b"|".join(parts)


def test_no_secret_of_the_portal_reaches_a_child(caged, monkeypatch):
    monkeypatch.setenv("PORTAL_SECRET_KEY", "do-not-tell")
    told = run(caged("return repr(dict(os.environ)).encode() + open('/proc/self/environ', 'rb').read() + b'.'"))
    assert b"do-not-tell" not in told
    assert b"PORTAL" not in told
    assert b"'OPENBLAS_NUM_THREADS': '1'" in told


def test_a_child_holds_its_own_line_and_the_standard_three(caged):
    with Path(__file__).open("rb"):
        kinds = run(
            caged(
                "return ' '.join(os.readlink(f'/proc/self/fd/{n}') for n in range(3, 16) if "
                "os.path.exists(f'/proc/self/fd/{n}') or os.path.islink(f'/proc/self/fd/{n}')).encode()"
            )
        )
    assert len([kind for kind in kinds.split() if kind.startswith(b"socket")]) == 1
    assert __file__.encode() not in kinds


def test_a_child_cannot_take_more_memory_than_it_is_given(caged):
    with pytest.raises(Died):
        run(caged("return bytes(2 << 30)[:9]"))


def test_a_child_cannot_write_a_file(caged, tmp_path):
    with pytest.raises(Died):
        run(caged(f"open({str(tmp_path / 'left')!r}, 'wb').write(raw * 9999); return b'written'"))
    assert not (tmp_path / "left").exists() or not (tmp_path / "left").stat().st_size


def test_a_child_that_sleeps_is_killed(caged):
    cage = caged("time.sleep(600)")
    began = time.monotonic()
    with pytest.raises(TooSlow):
        run(cage, timeout=0.3)
    assert time.monotonic() - began < 10
    assert children_of(cage) == []


def test_a_child_that_computes_for_ever_is_killed(caged):
    with pytest.raises(TooSlow):
        run(caged("while True: pass", "from portal.kit import cage\ncage.CPU_SECONDS = 1"))


def test_a_child_that_talks_for_ever_is_cut_off(caged):
    with pytest.raises(Died):
        run(caged("return bytes(50 << 20)"), most=1 << 20)


def test_a_child_that_hangs_up_and_lives_on_is_killed(caged):
    cage = caged("os.closerange(3, 16); time.sleep(600)")
    with pytest.raises(Died):
        run(cage)
    assert children_of(cage) == []


@pytest.mark.parametrize("end", ["os.abort()", "os._exit(3)", "raise MemoryError", "return b''"])
def test_a_child_that_dies_leaves_no_answer_and_no_zombie(caged, end):
    cage = caged(end)
    for _ in range(3):
        with pytest.raises(Died):
            run(cage, b"x" * 5_000_000)
    assert children_of(cage) == []


def test_a_child_killed_from_outside_is_noticed_at_once(caged):
    cage = caged("time.sleep(600)")
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(run, cage)
        while not (cage._nursery and children_of(cage)):
            time.sleep(0.02)
        os.kill(children_of(cage)[0], signal.SIGKILL)
        with pytest.raises(Died):
            work.result(timeout=10)


def test_a_dead_nursery_is_replaced(caged):
    cage = caged("return raw")
    assert run(cage) == b"photo"
    cage._nursery.kill()
    cage._nursery.wait()
    assert run(cage) == b"photo"


def test_no_more_children_than_slots_live_at_once(caged):
    cage = caged("time.sleep(0.2); return str(time.monotonic()).encode()", slots=2)
    run(cage)
    with ThreadPoolExecutor(8) as pool:
        ends = sorted(float(end) for end in pool.map(lambda _: run(cage), range(8)))
    assert ends[-1] - ends[0] > 0.5
    assert all(third - first > 0.1 for first, third in zip(ends, ends[2:], strict=False))


def test_a_wait_for_a_slot_has_an_end_where_one_is_asked_for(caged):
    cage = caged("time.sleep(1); return raw", slots=1)
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(run, cage)
        while not (cage._nursery and children_of(cage)):
            time.sleep(0.02)
        with pytest.raises(NoTurn):
            cage.run(b"photo", timeout=20, most=99, patience=0.1)
        assert run(cage) == work.result() == b"photo", "a job waits as long as it takes"


def test_a_program_that_does_not_start_is_an_error_and_no_verdict(caged):
    with pytest.raises(OSError, match="reads photos"):
        run(caged("return raw", "sys.exit('cannot start')"))


def test_a_forked_web_worker_gets_its_own_nursery_and_all_leave_quietly(tmp_path):
    """As `python -m portal` or a forking server would: no guard, no warning, nothing left behind at exit."""
    script = tmp_path / "serve.py"
    script.write_text(
        "import os, sys\n"
        "print('started', flush=True)\n"
        "from portal.kit.cage import Cage\n"
        f"cage = Cage('work = bytes.upper' + {SERVE!r})\n"
        "def ask(): return cage.run(b'x', timeout=20, most=99)\n"
        "first, nursery = ask(), cage._nursery.pid\n"
        "pid = os.fork()\n"
        "print(first, ask(), cage._nursery.pid == nursery, flush=True)\n"
        "pid and os.waitpid(pid, 0)\n"
    )
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-W", "error", str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == "started"
    assert sorted(lines[1:]) == ["b'X' b'X' False", "b'X' b'X' True"]
    assert done.stderr == ""
