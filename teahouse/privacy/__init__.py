"""Privacy: what is kept about a member, who looked, and how it ends. The front door.

Knows no other domain: what it needs of them they hand over (`teahouse.app`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from teahouse.privacy.archives.rules import make_name, render_page, tell_instant
from teahouse.privacy.archives.types import (
    ArchiveEntry,
    ArchiveMember,
    ArchiveSource,
    ArchiveSources,
    Document,
)
from teahouse.privacy.checkpoints.live import load_seed
from teahouse.privacy.consents.announcements import ConsentChanged
from teahouse.privacy.consents.queries import has_consented, list_consenting
from teahouse.privacy.consents.types import CONTACT_SUGGESTIONS
from teahouse.privacy.erasure.types import Eraser, Obstacle
from teahouse.privacy.imports.announcements import BroughtForgotten
from teahouse.privacy.imports.commands import note_item
from teahouse.privacy.imports.types import (
    ArchiveReceiver,
    ArchiveReceivers,
    BroughtArchive,
    Item,
    Offer,
    Receiving,
)
from teahouse.privacy.member_keys.rules import blanked, by_columns, find_member_ids
from teahouse.privacy.member_keys.types import (
    Declared as DeclaredOwnership,
)
from teahouse.privacy.member_keys.types import (
    DeclaredFiles,
    FileOwners,
    NobodysOwn,
    Owners,
    Ownership,
)
from teahouse.privacy.official_requests.access import OfficialPower, official_powers_of
from teahouse.privacy.official_requests.announcements import MembersTold
from teahouse.privacy.official_requests.types import (
    DataHolder,
    DataHolders,
    ExportHolder,
    Field,
    QueryHolder,
)
from teahouse.privacy.personal_data import erase_member
from teahouse.privacy.policy.announcements import PolicyPublished
from teahouse.privacy.policy.types import Purpose, declare_purpose
from teahouse.privacy.purpose_keys.live import PurposeKeys
from teahouse.privacy.sealed_boxes.access import BoxPower, box_powers_of
from teahouse.privacy.sealed_boxes.live import LawfulFiles
from teahouse.privacy.sealed_boxes.types import BoxContent
from teahouse.privacy.transparency_log.commands import (
    record_commitment,
    record_look,
)
from teahouse.privacy.transparency_log.types import (
    DEEDS,
    EVERYBODY,
    ROLE_OF_JOBS,
    Entry,
    Look,
    declare_deed,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from teahouse.platform.checks import Check
    from teahouse.platform.db import Tx
    from teahouse.platform.jobs import JobKind
    from teahouse.platform.requester import Role
    from teahouse.platform.services import Services
    from teahouse.platform.settings import Settings

__all__ = [
    "CONTACT_SUGGESTIONS",
    "DEEDS",
    "EVERYBODY",
    "ROLE_OF_JOBS",
    "ArchiveEntry",
    "ArchiveMember",
    "ArchiveReceiver",
    "ArchiveReceivers",
    "ArchiveSource",
    "ArchiveSources",
    "BoxContent",
    "BoxPower",
    "BroughtArchive",
    "BroughtForgotten",
    "ConsentChanged",
    "DataHolder",
    "DataHolders",
    "DeclaredFiles",
    "DeclaredOwnership",
    "Document",
    "Entry",
    "Eraser",
    "ExportHolder",
    "Field",
    "FileOwners",
    "Item",
    "LawfulFiles",
    "Look",
    "MembersTold",
    "NobodysOwn",
    "Obstacle",
    "Offer",
    "OfficialPower",
    "Owners",
    "Ownership",
    "PolicyPublished",
    "Purpose",
    "PurposeKeys",
    "QueryHolder",
    "Receiving",
    "begin_erasure",
    "blanked",
    "by_columns",
    "declare_deed",
    "declare_purpose",
    "erase_member",
    "find_member_ids",
    "has_consented",
    "install",
    "job_kinds",
    "list_consenting",
    "load_seed",
    "make_checks",
    "make_name",
    "make_retention_checks",
    "note_item",
    "own_archive_source",
    "publish_policy",
    "record_commitment",
    "record_look",
    "render_page",
    "report_runs",
    "staff_powers_of",
    "tell_instant",
]


def install(services: Services) -> list[Any]:
    """Join privacy to a server: its parts, reactions and routes."""
    from teahouse.privacy.assembly import install as install_privacy

    return install_privacy(services)


def job_kinds() -> list[JobKind]:
    """What privacy does later or on a timetable."""
    from teahouse.privacy.assembly import JOB_KINDS

    return JOB_KINDS


def make_checks() -> list[Check]:
    """What `teahouse check` verifies of privacy."""
    from teahouse.privacy.assembly import CHECKS

    return CHECKS


def report_runs(kinds: list[JobKind]) -> list[JobKind]:
    """Let the jobs that remove old data leave a report of each run.

    Args:
        kinds: the jobs of every domain.
    """
    from teahouse.privacy.retention.jobs import report_runs as report

    return report(kinds)


def make_retention_checks(kinds: list[JobKind], settings: Settings) -> list[Check]:
    """What `teahouse check` verifies of old data: nothing is older than its time.

    Args:
        kinds: the jobs of every domain.
        settings: where files are.
    """
    from teahouse.platform.files import Files
    from teahouse.privacy.retention.queries import make_age_checks, make_file_checks

    def open_files() -> Files:
        return Files(settings.files_url, settings.data_dir / "files")

    return [*make_age_checks(kinds), *make_file_checks(kinds, open_files)]


def publish_policy(services: Services) -> int:
    """Publish a version of the policy if the data map is not what the newest one tells.

    To be called at the start, when every domain has its tables.

    Returns:
        The number of the newest version.

    Raises:
        UnsealedPurpose: something is derived under a consent that does not go with it.
    """
    from teahouse.platform.db import metadata
    from teahouse.privacy.policy.live import Publisher
    from teahouse.privacy.policy.types import PURPOSES
    from teahouse.privacy.purpose_keys.rules import check_derived

    check_derived(metadata.tables.values(), PURPOSES)
    return services.get(Publisher).publish()


def own_archive_source() -> ArchiveSource:
    """What privacy itself puts into members' archives."""
    from teahouse.privacy.archives.personal_data import PrivacySource

    return PrivacySource()


def staff_powers_of(roles: Collection[Role]) -> list[BoxPower | OfficialPower]:
    """What some roles may do with official requests and sealed boxes."""
    return [*official_powers_of(roles), *box_powers_of(roles)]


def begin_erasure(services: Services, tx: Tx, user_id: str) -> None:
    """Begin to erase a member, in the transaction that closes their account.

    To be called before any domain erases theirs: it counts what there is, seals what the law
    keeps, and asks for the job that does the rest and destroys the member's key.
    """
    from teahouse.privacy.erasure.commands import begin_erasure as begin
    from teahouse.privacy.member_keys.live import MemberKeys

    services.get(PurposeKeys).forget_member(tx, user_id)
    begin(tx, user_id, services.get(Eraser), services.get(MemberKeys))
