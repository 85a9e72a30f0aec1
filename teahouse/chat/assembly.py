"""Joins the subjects of chat to a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from teahouse import accounts
from teahouse.chat import (
    account_data,
    archives,
    bridges,
    directory,
    erasure,
    key_backup,
    keys,
    media,
    moderation,
    news,
    presence,
    push,
    pushers,
    receipts,
    sanctions,
    search,
    suggestions,
    third_parties,
    to_device,
    typing,
)
from teahouse.chat.account_data import api as account_data_api
from teahouse.chat.admin import api as admin_api
from teahouse.chat.admin import jobs as admin_jobs
from teahouse.chat.bridges import api as bridges_api
from teahouse.chat.bridges import jobs as bridges_jobs
from teahouse.chat.calls import api as calls_api
from teahouse.chat.directory import api as directory_api
from teahouse.chat.discovery import api as discovery_api
from teahouse.chat.duty_records import api as duty_records_api
from teahouse.chat.erasure import jobs as erasure_jobs
from teahouse.chat.event_store.commands import RoomStore
from teahouse.chat.events.types import SigningKey
from teahouse.chat.filters import api as filters_api
from teahouse.chat.history import api as history_api
from teahouse.chat.key_backup import api as key_backup_api
from teahouse.chat.keys import api as keys_api
from teahouse.chat.left_rooms import jobs as left_rooms_jobs
from teahouse.chat.media import api as media_api
from teahouse.chat.media import jobs as media_jobs
from teahouse.chat.messages import api as messages_api
from teahouse.chat.messages.live import Sender
from teahouse.chat.moderation import api as moderation_api
from teahouse.chat.news import jobs as news_jobs
from teahouse.chat.notifications import api as notifications_api
from teahouse.chat.presence import api as presence_api
from teahouse.chat.push import api as push_api
from teahouse.chat.pushers import api as pushers_api
from teahouse.chat.pushers import jobs as pushers_jobs
from teahouse.chat.receipts import api as receipts_api
from teahouse.chat.relations import api as relations_api
from teahouse.chat.retention import jobs as retention_jobs
from teahouse.chat.room_state import api as room_state_api
from teahouse.chat.rooms import api as rooms_api
from teahouse.chat.rooms.commands import (
    RoomDefaults,
    leave_all_rooms,
    update_profile_in_rooms,
)
from teahouse.chat.rooms.live import OutsideNames
from teahouse.chat.sanctions import api as sanctions_api
from teahouse.chat.sanctions import jobs as sanctions_jobs
from teahouse.chat.search import api as search_api
from teahouse.chat.sliding_sync import api as sliding_sync_api
from teahouse.chat.sliding_sync.live import Connections
from teahouse.chat.suggestions import api as suggestions_api
from teahouse.chat.suggestions import jobs as suggestions_jobs
from teahouse.chat.sync import api as sync_api
from teahouse.chat.sync.live import SyncHub
from teahouse.chat.third_parties import api as third_parties_api
from teahouse.chat.to_device import api as to_device_api
from teahouse.chat.to_device import jobs as to_device_jobs
from teahouse.chat.typing import api as typing_api
from teahouse.chat.upgrades import api as upgrades_api
from teahouse.chat.verified_reports import api as verified_reports_api
from teahouse.chat.verified_reports import jobs as verified_reports_jobs
from teahouse.chat.welcome_page import api as welcome_page_api
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services

_SEED_BYTES: Final = 32
JOB_KINDS: Final[list[JobKind]] = [
    *admin_jobs.JOBS,
    *bridges_jobs.JOBS,
    *erasure_jobs.JOBS,
    *left_rooms_jobs.JOBS,
    *media_jobs.JOBS,
    *news_jobs.JOBS,
    *pushers_jobs.JOBS,
    *retention_jobs.JOBS,
    *sanctions_jobs.JOBS,
    *suggestions_jobs.JOBS,
    *to_device_jobs.JOBS,
    *verified_reports_jobs.JOBS,
]

ROUTES: Final[list[Any]] = [
    *discovery_api.ROUTES,
    *welcome_page_api.ROUTES,
    *rooms_api.ROUTES,
    *directory_api.ROUTES,
    *upgrades_api.ROUTES,
    *calls_api.ROUTES,
    *moderation_api.ROUTES,
    *duty_records_api.ROUTES,
    *verified_reports_api.ROUTES,
    *sanctions_api.ROUTES,
    *admin_api.ROUTES,
    *messages_api.ROUTES,
    *history_api.ROUTES,
    *relations_api.ROUTES,
    *room_state_api.ROUTES,
    *search_api.ROUTES,
    *suggestions_api.ROUTES,
    *sync_api.ROUTES,
    *sliding_sync_api.ROUTES,
    *keys_api.ROUTES,
    *key_backup_api.ROUTES,
    *to_device_api.ROUTES,
    *account_data_api.ROUTES,
    *filters_api.ROUTES,
    *receipts_api.ROUTES,
    *typing_api.ROUTES,
    *media_api.ROUTES,
    *presence_api.ROUTES,
    *push_api.ROUTES,
    *bridges_api.ROUTES,
    *third_parties_api.ROUTES,
    *pushers_api.ROUTES,
    *notifications_api.ROUTES,
]


def install(services: Services) -> list[Any]:
    """Make the parts, join the reactions, and return the routes."""
    settings, db = services.settings, services.db
    store = RoomStore(settings.server_name, load_signing_key(services))
    services.put(store)
    services.put(RoomDefaults(settings.default_room_version, settings.encrypt_private_rooms))
    services.put(Sender(db, store))
    services.put(OutsideNames())
    hub = SyncHub(db, services.clock)
    services.put(hub)
    services.put(Connections())
    for subject in (
        typing,
        archives,
        media,
        presence,
        push,
        pushers,
        keys,
        key_backup,
        to_device,
        account_data,
        receipts,
        search,
        suggestions,
        directory,
        moderation,
        news,
        sanctions,
    ):
        if hasattr(subject, "install"):
            subject.install(services)
    services.get(typing.Typing).on_change(hub.hear_typing)
    services.get(presence.Presence).on_change(hub.hear_presence)
    db.react(
        accounts.ProfileChanged,
        lambda tx, changed: update_profile_in_rooms(tx, store, changed.user_id),
    )
    db.react(
        accounts.MemberDeactivated,
        lambda tx, gone: leave_all_rooms(tx, store, gone.user_id),
    )
    # After the rooms are left, so that the last membership is emptied too.
    erasure.install(services)
    # Last: it makes members, of whom the others must hear.
    bridges.install(services)
    third_parties.install(services)
    return ROUTES


def load_signing_key(services: Services) -> SigningKey:
    """This server's ed25519 key; made at the first start and kept in the data folder."""
    file: Path = services.settings.data_dir / "keys" / "signing.key"
    if not file.exists():
        secrets = services.chance.secrets
        seed, version = secrets.token_bytes(_SEED_BYTES), secrets.letters(6)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(f"ed25519:{version} {seed.hex()}\n")
    key_id, seed_hex = file.read_text().split()
    return SigningKey.from_seed(
        bytes.fromhex(seed_hex), key_id=key_id, server_name=services.settings.server_name
    )
