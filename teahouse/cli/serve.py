"""`teahouse serve`: run the server."""

from __future__ import annotations

import click

from teahouse.app import PortTaken
from teahouse.app import serve as serve_app
from teahouse.cli.terminal import settings_options
from teahouse.platform.settings import Settings


@click.command()
@settings_options("data", "host", "port", "database_url", "bus_url", "files_url", "server_name")
def serve(settings: Settings) -> None:
    """Run the server.

    It says its URL once it listens, and runs until Ctrl-C or SIGTERM.
    """
    try:
        serve_app(settings)
    except PortTaken as trouble:
        raise click.ClickException(str(trouble)) from None
