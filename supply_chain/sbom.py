"""`python -m supply_chain.sbom FOLDER`: bills of materials in the form of CycloneDX.

Python's is written by uv from its own lock, npm's by the library of CycloneDX from each
`package-lock.json`: `npm sbom` is missing from the npm that Debian has.
"""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import Final

import click
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot5
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from supply_chain.locks import NPM_LOCKS, ROOT, Package, read_npm_lock

_ALGORITHMS: Final = {
    "sha1": HashAlgorithm.SHA_1,
    "sha256": HashAlgorithm.SHA_256,
    "sha384": HashAlgorithm.SHA_384,
    "sha512": HashAlgorithm.SHA_512,
}


def write_all(folder: Path) -> list[Path]:
    """Write every bill, and see that each keeps to the schema.

    Args:
        folder: where to; it is made.

    Raises:
        ValueError: what a tool wrote does not keep to the schema.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bills = {"python": write_python()}
    bills |= {name: write_npm(name, read_npm_lock(lock)) for name, lock in NPM_LOCKS.items()}
    files = []
    for name, text in bills.items():
        if (trouble := find_trouble(text)) is not None:
            message = f"{name}: {trouble}"
            raise ValueError(message)
        files.append(folder / f"{name}.cdx.json")
        files[-1].write_text(text, "utf-8")
    return files


def write_python() -> str:
    """The bill of all Python packages, for running and for developing."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv) if uv.exists() else "uv", "export", "--format", "cyclonedx1.5"]
    command += ["--preview-features", "sbom-export", "--all-groups", "--all-extras"]
    command += ["--frozen", "--no-emit-project", "--no-header"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8")
    return done.stdout


def write_npm(name: str, packages: list[Package]) -> str:
    """The bill of a lock file of npm.

    Args:
        name: of what is made of them.
        packages: all of them.
    """
    own = Component(name=f"teahouse-{name}", type=ComponentType.APPLICATION)
    parts = [_component(one) for one in packages]
    bom = Bom(components=parts)
    bom.metadata.component = own
    bom.register_dependency(own, parts)
    text: str = JsonV1Dot5(bom).output_as_string(indent=1)
    return text


def _component(package: Package) -> Component:
    scope, _, name = package.name.rpartition("/")
    purl = PackageURL("npm", scope or None, name, package.version)
    algorithm, _, digest = package.integrity.partition("-")
    hashes = (
        [HashType(alg=_ALGORITHMS[algorithm], content=base64.b64decode(digest).hex())]
        if digest
        else []
    )
    licences = [LicenseFactory().make_from_string(package.licence)] if package.licence else []
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        hashes=hashes,
        licenses=licences,
        scope=ComponentScope.REQUIRED if package.is_shipped else ComponentScope.EXCLUDED,
    )


def find_trouble(text: str) -> str | None:
    """Why a bill does not keep to the schema of CycloneDX 1.5; None: it does.

    Args:
        text: JSON.
    """
    trouble = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
    return None if trouble is None else str(trouble)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def main(folder: Path) -> None:
    """Write the bills of materials to FOLDER."""
    for file in write_all(folder):
        click.echo(file)


if __name__ == "__main__":
    main()
