"""The writes that span rows or systems: what API, pages, admin and commands call."""

from experts.operations.chat import Asking, NotReady, ask, search_files
from experts.operations.experts import (
    CreatedExpert,
    add_files,
    cancel_processing,
    create_expert,
    delete_expert,
    remove_files,
    reprocess,
    update_expert,
)
from experts.operations.files import Upload, delete_file, resolve_files, retry_file, upload_file
from experts.operations.refusals import Refused
from experts.operations.voices import open_voice_session

__all__ = [
    "Asking",
    "CreatedExpert",
    "NotReady",
    "Refused",
    "Upload",
    "add_files",
    "ask",
    "cancel_processing",
    "create_expert",
    "delete_expert",
    "delete_file",
    "open_voice_session",
    "remove_files",
    "reprocess",
    "resolve_files",
    "retry_file",
    "search_files",
    "update_expert",
    "upload_file",
]
