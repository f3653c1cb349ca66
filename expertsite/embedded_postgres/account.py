"""Who runs the embedded server: whoever we are, but never root, which PostgreSQL refuses."""

import logging
import os
import pwd
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

SYSTEM_USER = "pgserver"


@dataclass(frozen=True)
class Account:
    """An account to start programs as; without a uid, the one that this process has."""

    uid: int | None = None
    gid: int | None = None

    def as_user(self) -> dict[str, Any]:
        """Options for `subprocess.run`."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def let_in(self, path: Path) -> None:
        """Let the account pass through the directories above `path`, without reading them."""
        if self.uid is None:
            return
        for parent in path.parents:
            mode = parent.stat().st_mode
            if not mode & 0o001 and parent.stat().st_uid != self.uid:
                logger.info("Letting PostgreSQL's account pass through %s (chmod o+x)", parent)
                parent.chmod(mode | 0o001)


def account_for(data: Path) -> Account:
    """For root the owner of `data`, else a system account of our own; for others themselves."""
    if os.geteuid() != 0:
        return Account()
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    user = _system_user()
    return Account(user.pw_uid, user.pw_gid)


def _system_user() -> pwd.struct_passwd:
    """The account, made on first use; other processes may be making it at the same moment."""
    for _ in range(20):
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            command = ["useradd", "--system", "--no-create-home", SYSTEM_USER]
            subprocess.run(command, check=False, stderr=subprocess.DEVNULL)
            time.sleep(0.1)
    raise PermissionError(
        0, f"PostgreSQL cannot run as root, and the account {SYSTEM_USER} could not be made"
    )
