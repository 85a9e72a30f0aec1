"""Reads programs from folders and zip files, and keeps them while the server runs."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from teahouse.miniprograms.registry.errors import (
    InvalidProgram,
    ProgramFileNotFound,
    ProgramNotFound,
)
from teahouse.miniprograms.registry.rules import (
    FILE_BYTES_MAX,
    FILES_MAX,
    MANIFEST,
    TYPES,
    make_program,
)
from teahouse.miniprograms.registry.types import Manifest, Program
from teahouse.platform.settings import Settings, SettingsError

SHIPPED: Final = Path(__file__).parent.parent / "shipped"
_SDK: Final = "sdk"


class Registry:
    """The programs of the house.

    Args:
        programs: each of another id.
        sdk: the files that all of them share, by name.
    """

    def __init__(self, programs: list[Program], sdk: dict[str, bytes]) -> None:
        self._programs = {program.manifest.id: program for program in programs}
        self._sdk = sdk

    def list_programs(self) -> list[Program]:
        """All of them, in the order in which they were named."""
        return list(self._programs.values())

    def find(self, program_id: str) -> Program:
        """A program by its id.

        Raises:
            ProgramNotFound: there is none.
        """
        found = self._programs.get(program_id)
        if found is None:
            raise ProgramNotFound
        return found

    def find_manifest(self, program_id: str) -> Manifest:
        """What a program says of itself.

        Raises:
            ProgramNotFound: there is none.
        """
        return self.find(program_id).manifest

    def find_file(self, program_id: str, digest: str, path: str) -> bytes:
        """A file of a program.

        Raises:
            ProgramNotFound: there is no such program.
            ProgramFileNotFound: it has no such file, or another version is installed.
        """
        program = self.find(program_id)
        if program.digest != digest or path not in program.files:
            raise ProgramFileNotFound
        return program.files[path]

    def find_shared(self, name: str) -> bytes:
        """A file that all programs share.

        Raises:
            ProgramFileNotFound: there is none.
        """
        found = self._sdk.get(name)
        if found is None:
            raise ProgramFileNotFound
        return found


def load_registry(settings: Settings) -> Registry:
    """The programs that come with Teahouse and those that the operator named.

    Raises:
        SettingsError: one that cannot be read, or two of one id.
    """
    folders = [file.parent for file in sorted(SHIPPED.glob(f"*/{MANIFEST}"))]
    programs: dict[str, Program] = {}
    for place in (*folders, *map(Path, settings.miniprograms)):
        try:
            program = load_program(place)
        except InvalidProgram as error:
            raise SettingsError(f"The mini-program {place}: {error.text}") from None
        if program.manifest.id in programs:
            raise SettingsError(f"Two mini-programs are called {program.manifest.id}.")
        programs[program.manifest.id] = program
    unknown = set(settings.miniprograms_off) - set(programs)
    if unknown:
        raise SettingsError(f"No mini-program is called {min(unknown)}.")
    shown = [one for name, one in programs.items() if name not in settings.miniprograms_off]
    sdk = {file.name: file.read_bytes() for file in sorted((SHIPPED / _SDK).iterdir())}
    return Registry(shown, sdk)


def load_program(place: Path) -> Program:
    """A program from its folder or zip file.

    Raises:
        InvalidProgram: with what is wrong.
    """
    try:
        files = dict(_read_zip(place) if place.is_file() else _read_folder(place))
    except (OSError, zipfile.BadZipFile) as error:
        raise InvalidProgram(str(error)) from None
    return make_program(files)


def _read_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    found = 0
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder)
        # What editors and version control leave lying, and links that lead out of the folder.
        if any(part.startswith(".") for part in path.parts) or not file.is_file():
            continue
        found += 1
        if found > FILES_MAX or file.is_symlink() or file.stat().st_size > FILE_BYTES_MAX:
            raise InvalidProgram(f"`{path}` is a link, too large, or one file too many.")
        yield path.as_posix(), file.read_bytes()


def _read_zip(file: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(file) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) > FILES_MAX:
            raise InvalidProgram(f"It has more than {FILES_MAX} files.")
        for info in members:
            with archive.open(info) as opened:
                # Read up to the limit, whatever the archive says of its sizes.
                content = opened.read(FILE_BYTES_MAX + 1)
            if len(content) > FILE_BYTES_MAX:
                raise InvalidProgram(f"`{info.filename}` has more than {FILE_BYTES_MAX} bytes.")
            yield info.filename, content


def type_of(path: str) -> str:
    """The media type of a file."""
    return TYPES[PurePosixPath(path).suffix]
