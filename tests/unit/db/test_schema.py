"""What is read off the names of scripts is what Alembic finds in them."""

import subprocess
import sys

import pytest
from alembic.script import ScriptDirectory

from shared.db.migrate import _config
from shared.db.schema import SchemaMismatch, newest


@pytest.mark.parametrize(
    "package", ["router", "store", "gateways.webchat", "gateways.email", "gateways.desk"]
)
def test_the_newest_revision(package: str) -> None:
    scripts = ScriptDirectory.from_config(_config(package))
    assert newest(package) == scripts.get_current_head()
    assert [script.revision for script in scripts.walk_revisions()] == sorted(
        (script.revision for script in scripts.walk_revisions()), reverse=True
    )


def test_an_unknown_package() -> None:
    with pytest.raises(SchemaMismatch, match="there is no package"):
        newest("gateways.nowhere")


def test_a_service_starts_without_alembic() -> None:
    words = "import router.process, sys; print('alembic' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
