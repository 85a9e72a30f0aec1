"""`teahouse demo`: serve a seeded world, to look around in."""

from __future__ import annotations

import click

from teahouse.app import PortTaken
from teahouse.cli.terminal import settings_options
from teahouse.demo import serve_demo
from teahouse.platform.settings import Settings


@click.command()
@settings_options("data", "host", "port", "database_url", "server_name")
def demo(settings: Settings) -> None:
    """Run the server with a small town in it: members, a square, a company and a space.

    The world is made in a data folder that has no members yet; the next start finds it as it
    was left. Anybody may register.
    """
    try:
        serve_demo(settings, click.echo)
    except PortTaken as trouble:
        raise click.ClickException(str(trouble)) from None
