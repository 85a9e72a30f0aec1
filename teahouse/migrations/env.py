"""What Alembic runs: the migrations, on the connection that `upgrade` hands it."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
# `upgrade` has begun the transaction and commits it.
context.run_migrations()
