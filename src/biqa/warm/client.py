"""A step asks the warm process for a child, and waits for it."""

import json
import os
import socket
from collections.abc import Sequence

VARIABLE = "BIQA_WARM"  # names the socket of the warm process
ENTERED = "BIQA_ENTERED"  # tells a child that its step has joined the workflow already
LENGTH = 4  # bytes that say how long the request is


def ask(words: Sequence[str], held: Sequence[int] = ()) -> int | None:
    """Let the warm process do the step ``words``; return its status, or None without one.

    The child has this process's folder, environment and outputs, and ends when it does. It also
    keeps open the files ``held`` by descriptor, so that locks on them last as long as its work.
    """
    address = os.environ.get(VARIABLE)
    if not address:
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        try:
            line.connect(address)
        except OSError:  # still loading, or gone with its workflow
            return None
        environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
        environment[ENTERED] = "1"
        request = {"words": list(words), "folder": os.getcwd(), "environment": environment}
        content = json.dumps(request).encode()
        socket.send_fds(line, [len(content).to_bytes(LENGTH)], [1, 2, *held])
        line.sendall(content)
        answer = line.recv(1)
    if not answer:
        raise SystemExit("biqa: the warm process ended before this step; run the workflow again")
    return answer[0]
