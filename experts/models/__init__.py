"""The tables of experts, one module a noun."""

from experts.models.conversation import Conversation, Message
from experts.models.expert import Expert, ExpertFile
from experts.models.passage import Passage, PassageVector
from experts.models.posting import Posting, PostingSegment
from experts.models.progress import ExpertProcessingProgress
from experts.models.site import Site, site_mark
from experts.models.source_file import SourceFile, SourcePage
from experts.models.stored_vector import StoredVector
from experts.models.vendor import VendorBucket, VendorUsage

__all__ = [
    "Conversation",
    "Expert",
    "ExpertFile",
    "ExpertProcessingProgress",
    "Message",
    "Passage",
    "PassageVector",
    "Posting",
    "PostingSegment",
    "Site",
    "SourceFile",
    "SourcePage",
    "StoredVector",
    "VendorBucket",
    "VendorUsage",
    "site_mark",
]
