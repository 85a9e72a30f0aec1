"""What key backups refuse.

Refusal
├── BackupNotFound       no backup of this version, or none at all
├── BackedUpKeyNotFound  the backup has no such key
├── WrongBackupVersion   keys may only be added to the newest version
├── AlgorithmFixed       a backup keeps its algorithm
└── BackupFull           more keys than a backup may have
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden, InvalidParam, NotFound


class BackupNotFound(NotFound):
    """No backup of this version, or none at all."""

    code = "backup-not-found"
    message = "There is no such backup version."


class BackedUpKeyNotFound(NotFound):
    """The backup has no such key."""

    code = "backed-up-key-not-found"
    message = "The backup has no such key."


class WrongBackupVersion(Forbidden):
    """Keys may only be added to the newest version, told as `current_version`."""

    code, errcode = "wrong-backup-version", "M_WRONG_ROOM_KEYS_VERSION"
    message = "This is not the current backup version."


class AlgorithmFixed(InvalidParam):
    """A backup keeps its algorithm and version."""

    code = "backup-algorithm-fixed"
    message = "The algorithm and version of a backup cannot change: create a new one."


class BackupFull(Forbidden):
    """More keys than a backup may have."""

    code = "backup-full"
    message = "The backup has as many keys as this server keeps."
