"""A private Dovecot: every user is there, with the password `PASSWORD` or a token of the endpoint.

    dovecot.deliver("anna", mail)              # bytes, as a server delivers them: into `new` of the maildir
    dovecot.deliver("anna", mail, "Sent")
    dovecot.renumber("anna")                   # another UIDVALIDITY, the same mails under new numbers
    dovecot.mails("anna", "Sent")              # what lies there

One user for each test is as good as a server for each.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

from tests.support.quiet_ports import quiet_ports
from tests.support.token_endpoint import TokenEndpoint
from tests.support.waiting import eventually_blocking

PASSWORD = "a-password-of-the-tests-own"
_NUMBERS = count(1)

_CONFIG = """
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_verbose = yes
auth_failure_delay = 0
auth_cache_size = 0
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
mail_location = maildir:{folder}/mail/%u
mailbox_list_index = no
mail_max_userip_connections = 100
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
service imap-login {{
  chroot =
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
  }}
}}
"""

_OAUTH2 = """
tokeninfo_url = {tokens}?token=
username_attribute = email
active_attribute = active
active_value = true
"""


class Dovecot:
    """`start` it, `stop` it; `port` stays."""

    def __init__(self, endpoint: TokenEndpoint) -> None:
        self.port = quiet_ports(1)[0]
        self._folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        root = os.geteuid() == 0
        me = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
        self._owner = (me.pw_uid, me.pw_gid)
        group = "nogroup" if root else str(me.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None
        self._folder.chmod(0o755)
        for name in ("mail", "run", "state"):
            (self._folder / name).mkdir()
        os.chown(self._folder / "mail", *self._owner)
        places = {"folder": self._folder, "user": me.pw_name, "group": group, "port": self.port}
        (self._folder / "dovecot.conf").write_text(_CONFIG.format(password=PASSWORD, **places))
        (self._folder / "oauth2.conf").write_text(_OAUTH2.format(tokens=endpoint.url))

    def start(self) -> "Dovecot":
        command = ["dovecot", "-F", "-c", str(self._folder / "dovecot.conf")]
        environment = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
        self._process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
        eventually_blocking(self._listens, seconds=10)
        return self

    def kill(self) -> None:
        """All of its processes at once; returns when all of them are gone."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)  # it starts no more of them
        children = _children(self._process.pid)
        for child in children:
            os.kill(child, signal.SIGKILL)
        self._process.kill()
        self._process.wait(10)
        eventually_blocking(
            lambda: not any(Path(f"/proc/{child}").exists() for child in children), seconds=10
        )
        if self._process.stderr is not None:
            self._process.stderr.close()

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)
        if self._process.stderr is not None:
            self._process.stderr.close()

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def log(self) -> str:
        return (self._folder / "dovecot.log").read_text()

    def deliver(self, user: str, mail: bytes, folder: str = "INBOX") -> None:
        """As one whole file, seen by the server at once."""
        place = self._maildir(user, folder)
        name = f"{time.time():.6f}.{next(_NUMBERS):08d}.test"
        path = place / "tmp" / name
        path.write_bytes(mail)
        os.chown(path, *self._owner)
        path.rename(place / "new" / name)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """In the order of their arrival."""
        place = self._maildir(user, folder)
        found = [*(place / "new").iterdir(), *(place / "cur").iterdir()]
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.name)]

    def renumber(self, user: str, folder: str = "INBOX") -> None:
        """Whoever is connected has to come again: the server sees another validity then."""
        place = self._maildir(user, folder)
        for path in place.glob("dovecot*"):
            if path.is_file():
                path.unlink()
        (place / "dovecot-uidlist").write_text(f"3 V{int(time.time()) + next(_NUMBERS)} N1\n")
        os.chown(place / "dovecot-uidlist", *self._owner)

    def _maildir(self, user: str, folder: str) -> Path:
        home = self._folder / "mail" / user
        place = home if folder == "INBOX" else home / f".{folder}"
        for part in (home, place, *(place / name for name in ("new", "cur", "tmp"))):
            if not part.exists():
                part.mkdir(mode=0o700)
                os.chown(part, *self._owner)
        return place

    def _listens(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            assert self._process.stderr is not None
            raise AssertionError(f"Dovecot ended: {self._process.stderr.read().decode()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def _children(pid: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == pid:
            found.append(int(path.parent.name))
    return found
