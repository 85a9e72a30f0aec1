"""Joins the subjects of privacy to a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from teahouse.platform.checks import Check
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services
from teahouse.privacy.archives import api as archives_api
from teahouse.privacy.archives import jobs as archives_jobs
from teahouse.privacy.checkpoints.live import load_log_key
from teahouse.privacy.consents import api as consents_api
from teahouse.privacy.consents.live import install_consents
from teahouse.privacy.consents.queries import find_histories_amiss
from teahouse.privacy.erasure import api as erasure_api
from teahouse.privacy.erasure import jobs as erasure_jobs
from teahouse.privacy.imports import api as imports_api
from teahouse.privacy.imports import jobs as imports_jobs
from teahouse.privacy.imports.live import install_imports
from teahouse.privacy.member_keys.live import KEY_FILE as MEMBER_KEYS_FILE
from teahouse.privacy.member_keys.live import MemberKeys
from teahouse.privacy.official_requests import api as official_requests_api
from teahouse.privacy.official_requests import jobs as official_requests_jobs
from teahouse.privacy.official_requests.queries import CHECKS as OFFICIAL_REQUEST_CHECKS
from teahouse.privacy.policy import api as policy_api
from teahouse.privacy.policy.live import install_policy
from teahouse.privacy.policy.queries import find_versions_amiss
from teahouse.privacy.purpose_keys.live import install_purpose_keys
from teahouse.privacy.retention import api as retention_api
from teahouse.privacy.scorecard import api as scorecard_api
from teahouse.privacy.sealed_boxes import api as sealed_boxes_api
from teahouse.privacy.sealed_boxes import jobs as sealed_boxes_jobs
from teahouse.privacy.sealed_boxes.live import install_lawful_files
from teahouse.privacy.transparency_log import api as transparency_log_api
from teahouse.privacy.transparency_log.queries import LOG_CHECKS
from teahouse.privacy.transparency_report import api as transparency_report_api

KEY_FILE = "privacy-log.key"

ROUTES: Final[list[Any]] = [
    *archives_api.ROUTES,
    *imports_api.ROUTES,
    *policy_api.ROUTES,
    *consents_api.ROUTES,
    *erasure_api.ROUTES,
    *sealed_boxes_api.ROUTES,
    *official_requests_api.ROUTES,
    *retention_api.ROUTES,
    *scorecard_api.ROUTES,
    *transparency_log_api.ROUTES,
    *transparency_report_api.ROUTES,
]

JOB_KINDS: Final[list[JobKind]] = [
    *archives_jobs.JOB_KINDS,
    *imports_jobs.JOB_KINDS,
    *erasure_jobs.JOB_KINDS,
    *official_requests_jobs.JOB_KINDS,
    *sealed_boxes_jobs.JOB_KINDS,
]

CHECKS: Final[list[Check]] = [
    *LOG_CHECKS,
    *OFFICIAL_REQUEST_CHECKS,
    Check("privacy: Archived policies are what was shown", find_versions_amiss),
    Check("privacy: Answers about consent follow one another", find_histories_amiss),
]

# Each joins its subject's reactions and parts to the services.
INSTALLERS: Final[list[Callable[[Services], None]]] = [
    install_policy,
    install_consents,
    install_purpose_keys,
    install_lawful_files,
    install_imports,
]


def install(services: Services) -> list[Any]:
    """Make the parts, join the reactions, and return the routes."""
    file = services.settings.data_dir / "keys" / KEY_FILE
    services.put(
        load_log_key(file, server_name=services.settings.server_name, chance=services.chance)
    )
    keys = services.settings.data_dir / "keys" / MEMBER_KEYS_FILE
    services.put(MemberKeys(keys, services.chance))
    for join in INSTALLERS:
        join(services)
    return ROUTES
