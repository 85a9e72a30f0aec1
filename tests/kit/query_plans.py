"""How SQLite would find the rows of a query."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from teahouse.platform.db import Read


def explain(read: Read, select: sa.Select[Any]) -> str:
    """The plan of a query as the server runs it, with its parameters unknown to the planner."""
    compiled = select.compile(read.conn.engine, compile_kwargs={"render_postcompile": True})
    assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
    assert compiled.positiontup is not None
    values = tuple(compiled.params[name] for name in compiled.positiontup)
    rows = read.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)
    return "\n".join(str(row[-1]) for row in rows)
