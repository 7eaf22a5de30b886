"""The last words of a start: where everything is, and, the first time only, how to sign in.

The first administrator is made by the services' own command lines, once. The password is kept nowhere.
"""

import subprocess

from deploy.local.place import Place
from deploy.local.ports import LOOPBACK
from deploy.local.refusal import NotPossibleError
from deploy.local.services import Service
from deploy.local.supervision import inherited_environment

LOGIN = "admin"
ADMINISTRATOR = ("--name", "Administrator", "--role", "administrator", "--accounts", "all")


def welcome(place: Place) -> str:
    def address(name: str) -> str:
        return f"http://{LOOPBACK}:{place.ports[name]}/"

    return "\n".join(
        [
            "",
            "Switchboard is running.",
            "",
            f"  Workplace   {address('workplace')}",
            f"  Website     {address('website')}   (a demonstration: write in its chat)",
            f"  Sign in     {sign_in(place)}",
            "",
            f"  Data, logs, secrets in {place.folder}. Ctrl-C stops everything.",
        ]
    )


def sign_in(place: Place) -> str:
    """Login and password of the administrator that this makes, or how to get in when that was earlier."""
    made = place.folder / "first-operator"
    if made.exists():
        return f"as {LOGIN}; forgotten: python -m deploy.local call gateway-desk credentials set {LOGIN}"
    services = {service.name: service for service in place.services()}
    _say(services["router"], "operators", "add", LOGIN, *ADMINISTRATOR)
    password = _say(services["gateway-desk"], "credentials", "set", LOGIN)
    made.touch()
    return f"login {LOGIN}, password {password}   (shown this once)"


def _say(service: Service, *words: str) -> str:
    done = subprocess.run(
        service.command_line(*words),
        env=inherited_environment() | service.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NotPossibleError(f"{service.name} {' '.join(words)}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()
