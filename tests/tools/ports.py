"""A free port on the loopback address."""

import socket


def free_port() -> int:
    """A port nobody listens on right now. Somebody may take it before you do; on one machine that is rare enough."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
