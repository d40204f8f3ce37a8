"""Work on untrusted bytes in a process that can do little and lives for one piece of work only.

    the portal ── control ──> nursery ── fork ──> one child for each piece of work
        └────────────── the bytes, and the answer ───────────────┘

A fresh interpreter for each photo would cost more than reading the photo. So one process, the nursery, is started with
an environment without secrets and the decoders loaded; it never sees a photo. For each piece of work it forks a child,
which limits itself and is left with nothing but one socket. The nursery, not the portal, ends children: it alone knows
for certain which process ids are its own. Nothing is pickled: a child answers with bytes, which the caller distrusts.

Why not `multiprocessing`'s fork server: it runs the parent's main module again in each child, hands the environment on
and unpickles what the children send. RLIMIT_AS has no effect on macOS; servers are meant to be Linux.
"""

import atexit
import contextlib
import gc
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Final, NoReturn

from portal.kit.turns import Turns

CPU_SECONDS: Final = 20
MEMORY: Final = 1 << 30
OPEN_FILES: Final = 16
_WALL_SECONDS: Final = 120  # only for a child whose nursery died; the caller's own timeout comes long before
_START_SECONDS: Final = 60
# A child touches all its memory for the first time, which in pages of 4 kB costs a quarter of its work: have large
# ones, and give none back before the end. Other C libraries than glibc pay no heed.
_ENVIRONMENT: Final = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=67108864"
    ":glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=1073741824",
    "OPENBLAS_NUM_THREADS": "1",  # NumPy reads it as it loads; a child may have no other threads
}

_ROOT: Final = Path(__file__).parents[2]
_NUMBER: Final = struct.Struct("!i")
_LENGTH: Final = struct.Struct("!Q")
_START: Final = 0  # on the control line; any other number is the child to end
_PIECE: Final = 1 << 20

Work = Callable[..., bytes]
"""From the bytes that were given, in as many parts, to the answer."""


class TooSlow(Exception):  # noqa: N818 - an outcome of the work, not a mistake of ours
    """The work used up its time, by the clock or by the processor."""


class Died(Exception):  # noqa: N818 - as above
    """The child ended without an answer: killed, crashed, or it answered more than was allowed."""


class Cage:
    """Runs work in caged children, at most `slots` at once. May be shared by threads, and survives a fork.

    `program` is Python source run once in the nursery, with the project on the path; it ends by calling
    `serve(int(sys.argv[2]), work)`.
    """

    def __init__(self, program: str, slots: int = 2) -> None:
        self._program, self._size = program, slots
        self._control: socket.socket | None = None
        self._nursery: subprocess.Popen[bytes] | None = None
        self._forget()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)

    def run(
        self,
        *parts: bytes,
        timeout: float,
        most: int,
        whose: Hashable | None = None,
        patience: float | None = None,
    ) -> bytes:
        """Give a child some bytes and return its answer of at most `most` bytes. Raises TooSlow, Died or NoTurn.

        `timeout` is in seconds and begins with the child, not while waiting for a slot. `whose`: a person, of whom one
        piece of work is done at a time; `patience`: how many seconds to wait for a slot, None for as long as it takes.
        """
        answer, late = b"", False
        with self._turns.taken(whose, patience), self._child() as (line, ending):
            try:
                answer = _exchange(line, parts, time.monotonic() + timeout, most)
            except TimeoutError:
                late = True
            except OSError:  # the line broke: the child is dead
                answer = b""
        if late or signal.SIGXCPU in ending:
            raise TooSlow
        if not answer:
            raise Died
        return answer

    def close(self) -> None:
        """End the nursery; the next run starts another."""
        with self._lock:
            self._discard()

    @contextlib.contextmanager
    def _child(self) -> Iterator[tuple[socket.socket, list[int]]]:
        """Give the line to a new child, and a list that holds the signal it ended by once the block is left."""
        ours, theirs = socket.socketpair()
        ending: list[int] = []
        with ours:
            with theirs:
                pid = self._tell(_START, theirs)
            try:
                yield ours, ending
            finally:
                ending.append(os.WTERMSIG(self._tell(pid)))

    def _tell(self, order: int, *lines: socket.socket) -> int:
        """Send the nursery an order and return its reply; a nursery that is gone is replaced once."""
        with self._lock:
            try:
                return _ask(self._ready(), order, *lines)
            except OSError:
                self._discard()
                return _ask(self._ready(), order, *lines)

    def _ready(self) -> socket.socket:
        if self._control is None:
            ours, theirs = socket.socketpair()
            ours.settimeout(_START_SECONDS)
            self._control = ours
            with theirs:
                end = theirs.fileno()
                self._nursery = subprocess.Popen(
                    [sys.executable, "-I", "-c", _PRELUDE + self._program, str(_ROOT), str(end)],
                    env=_ENVIRONMENT,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[end],
                    process_group=0,  # Ctrl-C in a terminal is for the portal, which then closes the cage
                )
        return self._control

    def _discard(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.wait()
        self._control, self._nursery = None, None

    def _forget(self) -> None:
        """Begin anew. After a fork the nursery is the parent's, and the lock may be held by a thread left behind."""
        self._lock, self._turns = Lock(), Turns(self._size)
        if self._control is not None:
            self._control.close()
        if self._nursery is not None:
            self._nursery.returncode = 0  # so that nobody here waits for it, or warns that nobody did
        self._control, self._nursery = None, None


def serve(control_end: int, work: Work, memory: int = MEMORY) -> None:
    """Be the nursery: fork children and end them as told, until the portal is gone. Runs `work` only in children.

    `memory`: bytes of address space a child may have, what the nursery has loaded included.
    """
    children: set[int] = set()
    gc.freeze()
    with socket.socket(fileno=control_end) as control:
        while True:
            message, ends, _, _ = socket.recv_fds(control, _NUMBER.size, 1)
            if not message:
                return
            if ends:
                reply = _bear(control, ends[0], work, memory)
                children.add(reply)
            else:
                reply = _end(_NUMBER.unpack(message)[0], children)
            control.sendall(_NUMBER.pack(reply))


_PRELUDE: Final = "import sys; sys.path.append(sys.argv[1])\n"


def _ask(control: socket.socket, order: int, *lines: socket.socket) -> int:
    try:
        socket.send_fds(control, [_NUMBER.pack(order)], [line.fileno() for line in lines])
        return int(_NUMBER.unpack(control.recv(_NUMBER.size, socket.MSG_WAITALL))[0])
    except (OSError, struct.error) as broken:
        raise ConnectionError(
            "The process that reads photos does not run; its reason is on standard error."
        ) from broken


def _exchange(line: socket.socket, parts: Sequence[bytes], deadline: float, most: int) -> bytes:
    line.settimeout(max(deadline - time.monotonic(), 0.001))
    line.sendall(b"".join(map(_LENGTH.pack, (len(parts), *map(len, parts)))))
    for part in parts:  # never joined: they are large
        line.sendall(part)
    answer = bytearray()
    while len(answer) <= most:
        line.settimeout(max(deadline - time.monotonic(), 0.001))
        piece = line.recv(_PIECE)
        if not piece:
            return bytes(answer)
        answer += piece
    return b""


def _bear(control: socket.socket, end: int, work: Work, memory: int) -> int:
    with socket.socket(fileno=end) as line:
        pid = os.fork()
        if pid == 0:
            control.close()
            _live(line, work, memory)
        return pid


def _end(pid: int, children: set[int]) -> int:
    """Kill and reap a child; return its wait status, 0 for one that is not ours (an earlier nursery's)."""
    if pid not in children:
        return 0
    children.discard(pid)
    os.kill(pid, signal.SIGKILL)  # harmless if it has ended: an unreaped child keeps its number
    return os.waitpid(pid, 0)[1]


def _live(line: socket.socket, work: Work, memory: int) -> NoReturn:
    """Do one piece of work and die. Whatever is raised here only ends this child: no answer is an answer, too."""
    try:
        _limit(memory)
        lengths = [_number(line) for _ in range(_number(line))]
        line.sendall(work(*(line.recv(length, socket.MSG_WAITALL) for length in lengths)))
    finally:
        os._exit(0)


def _number(line: socket.socket) -> int:
    return int(_LENGTH.unpack(line.recv(_LENGTH.size, socket.MSG_WAITALL))[0])


def _limit(memory: int) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # a decoder's remarks on hostile bytes stay out
    signal.alarm(_WALL_SECONDS)
    for limit, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + 1),  # the soft one ends the child with a signal of its own
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES, OPEN_FILES),
    ):
        with contextlib.suppress(ValueError, OSError):  # a lower limit is already in force, or macOS knows none
            resource.setrlimit(limit, (soft, hard))
