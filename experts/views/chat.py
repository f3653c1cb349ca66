"""Conversations on the page of an expert."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from experts.chat.citations import Citation
from experts.models import Conversation, Expert, Message, SourceFile
from experts.operations import Refused, ask
from experts.operations.voices import is_spoken
from experts.views.live import identifiers
from experts.views.person import PersonRequest
from experts.views.quoting import quoted
from experts.views.shown import ShownMessage

CONVERSATIONS_LISTED = 50
NO_CONVERSATION = UUID(int=0)  # stands in an address until the conversation has an id


def chat_context(request: PersonRequest, expert: Expert) -> dict[str, Any]:
    """What the chat shows: the conversation of the address, and those there are."""
    talks = Conversation.objects.visible_to(request.user).filter(expert=expert)
    wanted = identifiers([request.GET.get("conversation", "")])
    conversation = get_object_or_404(talks, pk=wanted[0]) if wanted else None
    said = conversation.messages.all() if conversation else []
    return {
        "conversation": conversation,
        "conversations": talks[:CONVERSATIONS_LISTED],
        "talk": [ShownMessage(message) for message in said],
        "none_id": NO_CONVERSATION,
        "spoken": is_spoken(),
    }


@login_required
@require_POST
def expert_ask(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Ask without JavaScript: the page comes back with the whole answer."""
    expert = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    talks = Conversation.objects.visible_to(request.user).filter(expert=expert)
    wanted = identifiers([request.POST.get("conversation", "")])
    conversation = get_object_or_404(talks, pk=wanted[0]) if wanted else None
    here = reverse("expert_detail", args=[expert.pk])
    try:
        asking = ask(
            expert, request.POST.get("message", ""), user=request.user, conversation=conversation
        )
    except Refused as refusal:
        messages.warning(request, refusal.message)
        return redirect(f"{here}?conversation={conversation.pk}" if conversation else here)
    for _ in asking.events:
        pass  # the answer is kept when its last event has come
    return redirect(f"{here}?conversation={asking.conversation.pk}#ask")


@login_required
@require_safe
def conversation_answer(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The answer to the latest question as the page shows it, and the list of conversations.

    Not found until it is kept, which may be a moment after somebody stopped it.
    """
    talks = Conversation.objects.visible_to(request.user).select_related("expert")
    conversation = get_object_or_404(talks, pk=pk)
    answer = conversation.messages.last()
    if answer is None or answer.role != Message.Role.EXPERT:
        raise Http404
    context = {
        "message": ShownMessage(answer),
        "expert": conversation.expert,
        "conversation": conversation,
        "conversations": talks.filter(expert=conversation.expert)[:CONVERSATIONS_LISTED],
        "out_of_band": True,
    }
    return render(request, "_answer.html", context)


@login_required
@require_safe
def quote(request: PersonRequest, pk: UUID, number: int) -> HttpResponse:
    """A cited passage on its page, with the sentences marked that the answer stands on."""
    said = Message.objects.filter(conversation__user=request.user)
    message = get_object_or_404(said, pk=pk)
    citation = next((c for c in message.citations if c["number"] == number), None)
    if citation is None:
        raise Http404
    return show_quote(request, citation)


def show_quote(request: PersonRequest, citation: Citation) -> HttpResponse:
    """A citation on its page; alone, where the file is gone."""
    file = SourceFile.objects.visible_to(request.user).filter(pk=citation["file_id"]).first()
    numbers = [citation["page"], citation.get("last_page", citation["page"])]
    pages = file.source_pages.filter(number__in=numbers) if file else []
    texts = [page.text for page in pages]  # of one page or of two, in order
    text, highlights = citation["text"], citation.get("highlights", [])
    shown = quoted(text, highlights, page="".join(texts[:1]), next_page="".join(texts[1:]))
    context = {
        **shown._asdict(),
        "citation": citation,
        "file": file,
    }
    return render(request, "_quote.html", context)
