"""`make run`: everything that Switchboard is, on this machine, from nothing; Ctrl-C ends all of it.

Read downwards: leftovers, broker, pages, supervisor, migrations, services, readiness, first operator.
"""

import os
import resource
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from deploy.local import pages
from deploy.local.accounts import channels
from deploy.local.installation import ROOT, install
from deploy.local.migration import migrate
from deploy.local.packages import PURPOSES, provide
from deploy.local.place import Place
from deploy.local.processes import Run, RunAliveError
from deploy.local.refusal import NotPossibleError
from deploy.local.services import Service
from deploy.local.supervision import STOP_SECONDS, Supervisor
from deploy.local.terminal import end_with_make, own_foreground, wishes_are_ignored, wishes_interrupt
from deploy.local.welcome import welcome

READY_SECONDS = 120
GIVE_UP_SECONDS = 3 * STOP_SECONDS


def run() -> int:
    """The exit code: 0 when somebody asked it to end."""
    wishes_interrupt()
    with own_foreground():
        try:
            return _run()
        except NotPossibleError as error:
            print(f"\nNot started: {error}", flush=True)
            return 1
        except RunAliveError as alive:
            print(f"Switchboard already runs here, as process {alive.pid}. To stop it: kill -INT {alive.pid}")
            return 1


def _run() -> int:
    end_with_make()
    raise_file_limit()
    place = Place(ROOT, os.environ)
    former = Run.read(place.folder)
    if former is not None and not former.owner.alive:
        print(f"Ending what a killed run left: {len(former.left())} processes", flush=True)
    run = Run.begin(place.folder)
    os.environ.update(run.environment())
    supervisor: Supervisor | None = None
    try:
        supervisor = prepared(place)
        start(place, run, supervisor)
        while supervisor.alive:
            time.sleep(0.5)
        raise NotPossibleError(f"the supervisor ended by itself; see {place.logs}")
    except KeyboardInterrupt:
        print("\nStopping (once more Ctrl-C: at once)", flush=True)
        return 0
    finally:
        stop(supervisor, run)


def prepared(place: Place) -> Supervisor:
    """Everything that starts nothing: packages, ports, secrets, pages."""
    if place.own_broker:
        provide(PURPOSES["run"])
    place.prepare()
    if "email" in channels(place.accounts):
        install("email")
    pages.build()
    return Supervisor(place.folder, place.logs, place.ports["supervisor"], place.programs())


def start(place: Place, run: Run, supervisor: Supervisor) -> None:
    print("Starting the broker and preparing the databases", flush=True)
    supervisor.start(run)
    migrate(place)
    print("Starting the services", flush=True)
    supervisor.start_services()
    wait_until_ready(place.services(), supervisor, place.logs)
    print(welcome(place), flush=True)


def wait_until_ready(services: Sequence[Service], supervisor: Supervisor, logs: Path) -> None:
    """Each is named as it becomes ready. What is not in time is an error that shows its own words."""
    until = time.monotonic() + READY_SECONDS
    waiting = list(services)
    while waiting:
        for service in [each for each in waiting if readiness(each)[0]]:
            print(f"  {service.name} is ready", flush=True)
            waiting.remove(service)
        if not supervisor.alive:
            raise NotPossibleError(f"the supervisor ended by itself; see {logs}")
        if waiting and time.monotonic() > until:
            states = "".join(
                f"\n  {each.name}: {readiness(each)[1]}; see {logs}/{each.name}.log" for each in waiting
            )
            raise NotPossibleError(f"not ready after {READY_SECONDS} s:{states}")
        time.sleep(0.1)


def readiness(service: Service) -> tuple[bool, str]:
    """Whether it is, and what it says about that."""
    try:
        with urllib.request.urlopen(service.ready_url, timeout=3) as answer:  # noqa: S310  # our own http address
            return True, str(answer.status)
    except urllib.error.HTTPError as refusal:
        return False, refusal.read(2000).decode(errors="replace")
    except OSError as error:
        return False, str(error)


def stop(supervisor: Supervisor | None, run: Run) -> None:
    """In order if there is time for it; in any case nothing is left when this returns."""
    try:
        if supervisor is not None:
            supervisor.stop(seconds=GIVE_UP_SECONDS)
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        print("Ending at once", flush=True)
    finally:
        wishes_are_ignored()
        run.end()


def raise_file_limit() -> None:
    """As many open files, so as many connections, as we may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
