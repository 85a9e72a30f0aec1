"""Reads a program that may be one, and inspects it."""

from __future__ import annotations

from pathlib import Path

from teahouse.miniprograms.inspection.rules import inspect_program
from teahouse.miniprograms.inspection.types import Finding, Inspection
from teahouse.miniprograms.registry.errors import InvalidProgram
from teahouse.miniprograms.registry.live import load_program


def inspect_place(place: Path) -> Inspection:
    """What keeps a mini-program, a folder or zip file, from being installed and from working."""
    try:
        program = load_program(place)
    except InvalidProgram as error:
        return Inspection(
            program_id=None,
            version=None,
            file_count=0,
            byte_count=0,
            findings=[Finding("", 0, "error", error.code, error.text)],
        )
    return Inspection(
        program_id=program.manifest.id,
        version=program.manifest.version,
        file_count=len(program.files),
        byte_count=sum(map(len, program.files.values())),
        findings=inspect_program(program),
    )
