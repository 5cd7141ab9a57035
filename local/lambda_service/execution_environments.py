"""The processes that functions run in: each is one execution environment, and takes one request at a time.

A zygote process imports every function once and forks a worker whenever one is needed, so a worker starts in
milliseconds, and one that was killed is as quickly replaced. Everything ends with the process that made the pool: a
worker whose other end has gone reads the end of its socket and leaves.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from local.aws.iam_statements import Statement, enforce
from local.aws.used_grants import RECORD_GRANTS, recorder
from local.lambda_service.frames import read, receive, send
from local.lambda_service.lambda_runtime import Context, Function, Handler, clock_environment, load_handler, run

# What nearly every function imports; read before the environment is known, so only modules that do not look at it.
WARM_IMPORTS = ("boto3", "pynamodb.models", "cryptography.x509", "msgspec", "aws_lambda_powertools.logging", "jwt")

LEAVE_SECONDS = 1.0
"""How long workers have, all together, to leave by themselves at the end."""


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended."""

    payload: bytes
    """The answer's JSON, or Lambda's description of the error."""
    error: str | None
    """None, `Unhandled` for an exception of the handler, `TimedOut`, or `Crashed`."""
    log: str
    """What the function printed."""
    cpu_seconds: float = 0.0
    """What it spent, whatever else the machine was doing."""


class WorkerPool:
    """Up to `size` workers, made when needed; more requests than workers wait for their turn."""

    def __init__(
        self, *, size: int = 8, python_path: Sequence[str], log: Callable[[str], None], warm: bool = True
    ) -> None:
        self._size = size
        self._log = log
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._free_places = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._functions: dict[str, Function] = {}
        self._workers: set[_Worker] = set()
        self._closed = False
        self._python_path = python_path
        self._warm = warm
        self._order: Mapping[str, Any] = {}
        self._control, self._zygote = self._start_zygote()

    def _start_zygote(self) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        """Our end of its socket, and the process; it imports nothing of ours before it is sent its order."""
        ours, theirs = socket.socketpair()
        zygote = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "local.lambda_service.execution_environments",
                str(theirs.fileno()),
                *(WARM_IMPORTS if self._warm else ()),
            ],
            pass_fds=[theirs.fileno()],
            env={
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": os.pathsep.join(self._python_path),
                "TZ": ":UTC",
                **clock_environment(),
                # So that tests can measure what runs in here.
                **{
                    name: value
                    for name, value in os.environ.items()
                    if name.startswith("COVERAGE_") or name == RECORD_GRANTS
                },
            },
            cwd=os.sep,  # as in Lambda, nothing may depend on the folder the stack was started in
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal is for the parent alone
        )
        theirs.close()
        return ours, zygote

    def load(
        self,
        functions: Mapping[str, Function],
        environment: Mapping[str, str],
        paths: Sequence[str],
        permissions: Mapping[str, Sequence[Statement]] | None = None,
    ) -> None:
        """Import all `functions` with `environment` set and `paths` on the path; returns when that is done.

        With `permissions`, the statements for each function's name, AWS calls that they do not cover are refused.
        """
        self._functions = dict(functions)
        self._order = {
            "functions": [function.as_json() for function in functions.values()],
            "environment": dict(environment),
            "paths": list(paths),
            "permissions": permissions,
        }
        self._give_order()

    def _give_order(self) -> None:
        send(self._control, self._order)
        answer, _ = receive(self._control)
        for name, error in answer["broken"].items():
            self._log(f"{name} cannot be imported, every request to it will be answered 500:\n{error}")

    def invoke(self, function: Function, payload: bytes, request_id: str) -> Outcome:
        """Run `function` on `payload`, waiting for a free worker first; the timeout starts when one is found."""
        with self._free_places:
            worker = self._take()
            try:
                outcome = worker.invoke(function, payload, request_id)
            except BaseException:
                self._drop(worker)
                raise
            if outcome.error in {"TimedOut", "Crashed"}:
                self._drop(worker)
            else:
                self._idle.put(worker)
            return outcome

    @contextlib.contextmanager
    def apart(self) -> Iterator[_Worker]:
        """A worker of one's own, beside the others: no other request finds what was done to its process."""
        with self._lock:
            worker = self._fork()
            self._workers.add(worker)
        try:
            yield worker
        finally:
            self._drop(worker)

    def close(self) -> None:
        """End every worker, busy or not, and the zygote."""
        with self._lock:
            self._closed = True
            workers, self._workers = list(self._workers), set()
        for worker in workers:
            worker.hang_up()
        until = time.monotonic() + LEAVE_SECONDS
        for worker in workers:
            worker.wait(until)
            worker.kill()
        self._control.close()
        try:
            self._zygote.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._zygote.kill()
            self._zygote.wait()

    def _take(self) -> _Worker:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            pass
        with self._lock:
            if self._closed:
                raise RuntimeError("the stack has ended")
            try:
                worker = self._fork()
            except (EOFError, OSError):
                self._log("The process that functions are started from has ended; there is another one now.")
                self._replace_zygote()
                worker = self._fork()
            self._workers.add(worker)
            return worker

    def _fork(self) -> _Worker:
        """A new worker.

        Raises:
            EOFError, OSError: the zygote was killed, by whoever ran short of memory, say.
        """
        ours, theirs = socket.socketpair()
        log = tempfile.TemporaryFile()  # noqa: SIM115  closed with its worker
        try:
            socket.send_fds(self._control, [b"f"], [theirs.fileno(), log.fileno()])
            (pid,) = struct.unpack("!I", read(self._control, 4))
        except BaseException:
            ours.close()
            log.close()
            raise
        finally:
            theirs.close()
        return _Worker(pid, ours, log)

    def _replace_zygote(self) -> None:
        """Start another zygote; workers of the one before go on, since their sockets are ours."""
        self._control.close()
        self._zygote.kill()
        self._zygote.wait()
        self._control, self._zygote = self._start_zygote()
        self._give_order()

    def _drop(self, worker: _Worker) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.kill()


class _Worker:
    """The parent's side of one worker process."""

    def __init__(self, pid: int, connection: socket.socket, log: IO[bytes]) -> None:
        self._pid = pid
        self._connection = connection
        self._log = log

    def invoke(self, function: Function, payload: bytes, request_id: str) -> Outcome:
        self._connection.settimeout(function.timeout)
        try:
            send(self._connection, {"function": function.logical_id, "request_id": request_id}, payload)
            answer, result = receive(self._connection)
        except TimeoutError:
            message = f"RequestId: {request_id} Error: Task timed out after {function.timeout:.2f} seconds"
            return Outcome(_error("Sandbox.Timedout", message), "TimedOut", self._printed())
        except (EOFError, OSError):
            message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
            return Outcome(_error("Runtime.ExitError", message), "Crashed", self._printed())
        return Outcome(result, "Unhandled" if answer["failed"] else None, self._printed(), answer["cpu_seconds"])

    def hang_up(self) -> None:
        """Ask for nothing more: an idle worker leaves at once, and what measures it can write down what it saw."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_WR)

    def wait(self, until: float) -> None:
        """Wait for the process to end, until `until` at the latest."""
        with contextlib.suppress(OSError):
            self._connection.settimeout(max(0.001, until - time.monotonic()))
            self._connection.recv(1)

    def kill(self) -> None:
        # While our end is open and theirs has not ended the process is alive, so its number is still its own.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self._connection.close()
        self._log.close()

    def _printed(self) -> str:
        descriptor = self._log.fileno()
        size = os.fstat(descriptor).st_size
        if not size:
            return ""
        printed = os.pread(descriptor, size, 0)
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)  # one file, one position: the worker goes on writing from here
        return printed.decode(errors="replace")


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def _zygote(control: socket.socket, warm_imports: Sequence[str]) -> None:
    """Import everything once, then fork a worker each time the parent asks for one."""
    for module in warm_imports:
        with contextlib.suppress(ImportError):  # a template without that library is none the worse for it
            __import__(module)
    try:
        order, _ = receive(control)
    except EOFError:
        return  # the stack was ended before it had begun
    sys.path[:0] = order["paths"]
    os.environ.update(order["environment"])
    if order["permissions"] is not None:
        enforce(order["permissions"], recorder())
    functions = {entry["logical_id"]: Function(**entry) for entry in order["functions"]}
    handlers: dict[str, Handler] = {}
    broken: dict[str, str] = {}
    for name, function in functions.items():
        try:
            handlers[name] = load_handler(function)
        except Exception as error:  # noqa: BLE001  as in Lambda, one that cannot be imported breaks no other
            broken[name] = "".join(traceback.format_exception(error, limit=-2))
            handlers[name] = _refusing(error)
    send(control, {"broken": broken})
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a worker: its socket tells
    while True:
        message, descriptors, *_ = socket.recv_fds(control, 1, 2)
        if not message:
            return
        connection, log = descriptors
        pid = os.fork()
        if pid == 0:
            control.close()
            _become_worker(connection, log, functions, handlers)
        os.close(connection)
        os.close(log)
        control.sendall(struct.pack("!I", pid))


def _refusing(error: Exception) -> Handler:
    def handler(_: Any, __: Context) -> Any:
        raise ImportError(f"Unable to import module 'app': {error}")

    return handler


def _become_worker(
    descriptor: int, log: int, functions: Mapping[str, Function], handlers: Mapping[str, Handler]
) -> None:
    """Answer requests until the other end closes; never returns."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for standard in (1, 2):
            os.dup2(log, standard)
        os.close(log)
        connection = socket.socket(fileno=descriptor)
        while True:
            header, payload = receive(connection)
            function = functions[header["function"]]
            context = Context(function, header["request_id"], time.monotonic() + function.timeout)
            begun = time.process_time()
            result, failed = run(function, handlers[function.logical_id], payload, context)
            spent = time.process_time() - begun
            sys.stdout.flush()
            sys.stderr.flush()
            send(connection, {"failed": failed, "cpu_seconds": spent}, result)
    except (EOFError, OSError):
        code = 0
    except SystemExit:
        pass
    finally:
        os._exit(code)


if __name__ == "__main__":
    _zygote(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
