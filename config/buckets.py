"""Files in buckets of any store that speaks S3: the two stores for Django, and where browsers meet them."""

from typing import Any
from urllib.parse import urlsplit

from core.file_checks import ADDRESSINGS


def stores(
    public: str,
    private: str,
    *,
    endpoint: str = "",
    region: str = "",
    access_key: str = "",
    secret_key: str = "",
    addressing: str = "auto",
) -> dict[str, Any]:
    """The entries "default" and "originals" of STORAGES. `private` is empty when one bucket holds everything."""
    from botocore.config import Config

    common: dict[str, Any] = {
        "endpoint_url": endpoint or None,
        "region_name": region or None,
        "access_key": access_key or None,
        "secret_key": secret_key or None,
        "default_acl": None,
        "client_config": Config(
            signature_version="s3v4",
            # newer boto3 sends checksums that other stores refuse
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            # another one is refused by the check, which names the setting
            s3={"addressing_style": addressing if addressing in ADDRESSINGS else "auto"},
            connect_timeout=3,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 3},
        ),
        # up to this size a file that is read is kept in memory, above it in the folder for temporary files
        "max_memory_size": 2 * 1024 * 1024,
    }
    return {
        "default": {
            "BACKEND": "media_assets.buckets.PublicBucket",
            "OPTIONS": {**common, "bucket_name": public, "querystring_auth": False, "file_overwrite": True},
        },
        "originals": {
            "BACKEND": "media_assets.buckets.PrivateBucket",
            "OPTIONS": {
                **common,
                "bucket_name": private or public,
                "location": "" if private else "originals",
                "querystring_auth": True,
                "file_overwrite": False,
            },
        },
    }


def origins(bucket: str, *, endpoint: str = "", region: str = "", addressing: str = "auto") -> list[str]:
    """What the addresses of a bucket begin with, as a Content-Security-Policy names it."""
    if not endpoint:
        hosts = ["s3.amazonaws.com", *([f"s3.{region}.amazonaws.com"] if region else [])]
        # a certificate of one step does not cover a name with dots, so such a bucket is met by its path
        return [f"https://{host}" if "." in bucket else f"https://{bucket}.{host}" for host in hosts]
    parts = urlsplit(endpoint)
    found = {"path": parts.netloc, "virtual": f"{bucket}.{parts.netloc}"}
    return [f"{parts.scheme}://{host}" for style, host in found.items() if addressing in {style, "auto"}]


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
