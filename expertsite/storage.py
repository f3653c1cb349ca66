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
    options = {
        "bucket_name": environment.aws_storage_bucket_name,
        "endpoint_url": environment.aws_endpoint_url_s3 or None,
        "region_name": environment.aws_s3_region_name or None,
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": False,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def _static_files(environment: Environment) -> str:
    """Hashed names need `collectstatic`, which nobody wants to run while developing."""
    if environment.debug:
        return "django.contrib.staticfiles.storage.StaticFilesStorage"
    return "whitenoise.storage.CompressedManifestStaticFilesStorage"
