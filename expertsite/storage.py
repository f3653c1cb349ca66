"""Where files lie: the file system of the data directory, or an S3 bucket."""

from typing import Any

from expertsite.environment import Environment


def storages(environment: Environment) -> dict[str, Any]:
    """Django's STORAGES. Files are private: people reach them through pages that check who asks."""
    return {
        "default": _s3(environment)
        if environment.choices["STORAGE"] == "s3"
        else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": _static_files(environment)},
    }


def _s3(environment: Environment) -> dict[str, Any]:
    """Private objects, reached by links that are signed for five minutes."""
    options: dict[str, Any] = {
        "bucket_name": environment.aws_storage_bucket_name,
        "endpoint_url": environment.aws_endpoint_url_s3 or None,
        "region_name": environment.aws_s3_region_name or None,
        "access_key": environment.aws_access_key_id or None,
        "secret_key": environment.aws_secret_access_key or None,
        "default_acl": None,
        "querystring_auth": True,
        "querystring_expire": 300,
        "file_overwrite": False,
        "max_memory_size": 10 * 2**20,  # beyond it a download is spooled to disk
        "client_config": _client_config(environment),
    }
    if environment.aws_session_token:  # of keys that are good for some hours
        options["security_token"] = environment.aws_session_token
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def _client_config(environment: Environment) -> Any:
    """Timeouts in seconds, and signatures that every region takes.

    Servers other than Amazon's know a bucket by its path, and may not know the checksums that
    boto3 otherwise sends with every request.
    """
    from botocore.config import Config  # only where S3 is chosen: it costs every start 0.1 s

    elsewhere = bool(environment.aws_endpoint_url_s3)
    checksums = "when_required" if elsewhere else "when_supported"
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if elsewhere else "virtual"},
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard", "max_attempts": 3},
        request_checksum_calculation=checksums,
        response_checksum_validation=checksums,
    )


def _static_files(environment: Environment) -> str:
    """Hashed names need `collectstatic`, which nobody wants to run while developing."""
    if environment.debug:
        return "django.contrib.staticfiles.storage.StaticFilesStorage"
    return "servestatic.storage.CompressedManifestStaticFilesStorage"
