"""What `make run` keeps running, beside what there is."""

from pathlib import Path

from deploy.local.accounts import channels
from deploy.local.services import OF_CHANNELS, PORTS, owners, services
from gateways.registry import GATEWAYS


def test_every_channel_has_a_service_and_ports() -> None:
    assert {"webchat", *OF_CHANNELS} == set(GATEWAYS)
    assert PORTS.keys() >= {name for channel in OF_CHANNELS for name in (channel, f"gateway-{channel}-ops")}


def test_a_channel_runs_where_the_accounts_file_names_it(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.toml"
    accounts.write_text('[[vk]]\nslug = "main"\n[[webchat]]\nslug = "site"\n')
    assert channels(accounts) == {"vk", "webchat"}
    names = [one.name for one in services(PORTS, tmp_path.joinpath, accounts, tmp_path)]
    assert "gateway-vk" in names
    assert "gateway-max" not in names
    assert owners(accounts)[-1] == "vk"
