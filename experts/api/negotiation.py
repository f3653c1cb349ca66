"""Answering with server-sent events."""

from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer

from experts.event_stream import CONTENT_TYPE


class EventStreamRenderer(JSONRenderer):
    """Makes `Accept: text/event-stream` acceptable. The events are a response of their own;
    what passes here is an error, in JSON as everywhere."""

    media_type = CONTENT_TYPE
    format = "event-stream"


class NotLive(APIException):
    """A server of threads would need one for each open stream."""

    status_code = 406
    default_code = "events_unavailable"
    default_detail = (
        "This server cannot send events. Ask for the expert's progress every two seconds instead."
    )
