"""Addresses of blobs, and the setting that holds one."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.config import ConfigError
from shared.files.address import BucketAddress, FolderAddress, blob_address
from shared.files.settings import BlobSettings

GOOD = [
    ("file://blobs", FolderAddress(Path("blobs"))),
    ("file://var/blobs", FolderAddress(Path("var/blobs"))),
    ("file:///var/lib/blobs", FolderAddress(Path("/var/lib/blobs"))),
    ("file:///var/my%20blobs", FolderAddress(Path("/var/my blobs"))),
    ("s3://files", BucketAddress("files", "", None, None)),
    ("s3://files/a/b/", BucketAddress("files", "a/b", None, None)),
    (
        "s3://files/a?endpoint=https://s3.example.org:9000&region=eu-1",
        BucketAddress("files", "a", "https://s3.example.org:9000", "eu-1"),
    ),
]

BAD = [
    ("", "write it as"),
    ("blobs", "write it as"),
    ("/var/blobs", "write it as"),
    ("file://", "write it as"),
    ("file://blobs?mode=777", "write it as"),
    ("file://blobs%00", "write it as"),
    ("http://files", "write it as"),
    ("gs://files", "write it as"),
    ("s3://", "not the name of a bucket"),
    ("s3:///files", "not the name of a bucket"),
    ("s3://UPPER", "not the name of a bucket"),
    ("s3://planted:secret@files", "keys do not belong"),
    ("s3://files?aws_secret_access_key=planted", "only endpoint and region"),
    ("s3://files?endpoint=s3.example.org", "write the endpoint as"),
    ("s3://files?endpoint=file:///etc", "write the endpoint as"),
    ("s3://files?endpoint=https://planted:secret@host", "write the endpoint as"),
]


@pytest.mark.parametrize(("url", "address"), GOOD)
def test_addresses(url: str, address: FolderAddress | BucketAddress) -> None:
    assert blob_address(url) == address


@pytest.mark.parametrize(("url", "words"), BAD)
def test_mistakes_are_told_without_the_value(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as told:
        blob_address(url)
    assert "planted" not in str(told.value)


class ExampleSettings(BlobSettings):
    """A service that stores files."""

    database_url: SecretStr = SecretStr("sqlite:///example.db")


def test_the_setting() -> None:
    assert ExampleSettings.read({}).blobs_url == "file://blobs"
    assert ExampleSettings.read({"SWITCHBOARD_BLOBS_URL": "s3://files"}).blobs_url == "s3://files"


def test_a_wrong_setting_is_one_line_without_the_value() -> None:
    with pytest.raises(ConfigError) as told:
        ExampleSettings.read({"SWITCHBOARD_BLOBS_URL": "s3://planted:secret@files"})
    (line,) = told.value.lines
    assert "SWITCHBOARD_BLOBS_URL" in line
    assert "AWS_ACCESS_KEY_ID" in line
    assert "planted" not in line
