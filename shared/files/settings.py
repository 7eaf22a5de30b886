"""The setting of every service that stores or serves files: `class DeskSettings(BlobSettings): …`."""

from typing import Annotated

from pydantic import AfterValidator, Field

from shared.config import Settings
from shared.files.address import blob_address


def _address(url: str) -> str:
    blob_address(url)
    return url


class BlobSettings(Settings):
    """Where the files of messages lie; all services name the same place."""

    blobs_url: Annotated[str, AfterValidator(_address)] = Field(
        "file://blobs",
        description="file://folder, file:///folder or s3://bucket/prefix?endpoint=https://host&region=name",
    )
