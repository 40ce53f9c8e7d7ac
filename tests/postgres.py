"""A private PostgreSQL server for a test session, where Debian's binaries are: as the user postgres, on the loopback.

Without them tests that ask for it are skipped, and in CI a skip is a failure: `.ci/run` installs them.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

_USER = "postgres"
_QUICK = "-c fsync=off -c full_page_writes=off -c max_connections=60 -c log_min_messages=fatal"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Starts the server; the URL of its first database."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    home = Path(tempfile.mkdtemp(prefix="cx-postgres-"))
    if os.getuid() == 0:  # the server refuses to run as root
        shutil.chown(home, *(pwd.getpwnam(_USER).pw_name,) * 2)
    data, binaries = home / "data", found[-1].parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _as_postgres(binaries / "initdb", "-D", data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"{_QUICK} -c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home}"
    _as_postgres(binaries / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
    try:
        yield f"postgresql+pg8000://{_USER}@127.0.0.1:{port}"
    finally:
        _as_postgres(binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(home)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a new database."""
    import sqlalchemy as sa

    name = f"test_{uuid4().hex}"
    engine = sa.create_engine(f"{postgres_server}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    engine.dispose()
    yield f"{postgres_server}/{name}"


def _as_postgres(*command: object) -> None:
    said = [str(part) for part in command]
    user = _USER if os.getuid() == 0 else None
    subprocess.run(said, check=True, user=user, group=user, cwd="/", capture_output=True, timeout=60)
