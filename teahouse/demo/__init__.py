"""The seeded world of `teahouse demo`: a tea town's square, its company and a space.

Everything is made through the same commands as a member's own; nothing is written past them.
"""

from __future__ import annotations

from teahouse.demo.commands import plant_world
from teahouse.demo.live import prepare_house, serve_demo

__all__ = ["plant_world", "prepare_house", "serve_demo"]
