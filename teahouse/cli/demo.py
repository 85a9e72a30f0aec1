"""`teahouse demo`: run a server with an invented world to look at."""

from __future__ import annotations

import click

from teahouse.cli.terminal import settings_options
from teahouse.demo import serve_demo
from teahouse.platform.settings import Settings


@click.command()
@settings_options("data", "host", "port", "server_name")
def demo(settings: Settings) -> None:
    """Run a server with an invented world to look at; nothing of it is real."""
    serve_demo(settings)
