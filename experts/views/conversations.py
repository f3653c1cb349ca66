"""Renaming and deleting a conversation."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from experts.forms import ConversationForm
from experts.models import Conversation
from experts.views.confirming import Question, ask_first
from experts.views.person import PersonRequest
from experts.views.phrases import counted


def find(request: PersonRequest, pk: UUID) -> Conversation:
    """The person's own; somebody else's is not found."""
    mine = Conversation.objects.visible_to(request.user).select_related("expert")
    return get_object_or_404(mine, pk=pk)


def address(conversation: Conversation) -> str:
    here = reverse("expert_detail", args=[conversation.expert_id])
    return f"{here}?conversation={conversation.pk}"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conversation_rename(request: PersonRequest, pk: UUID) -> HttpResponse:
    conversation = find(request, pk)
    form = ConversationForm(request.POST or None, instance=conversation)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "The conversation is renamed.")
        return redirect(address(conversation))
    in_dialog = request.headers.get("HX-Request") == "true"
    context = {"section": "experts", "form": form, "back": address(conversation)}
    context |= {"action": request.path, "expert": conversation.expert}
    template = "_conversation_rename.html" if in_dialog else "conversation_rename.html"
    return render(request, template, context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conversation_delete(request: PersonRequest, pk: UUID) -> HttpResponse:
    conversation = find(request, pk)
    if request.method == "POST":
        conversation.delete()
        messages.success(request, "The conversation is deleted.")
        return redirect("expert_detail", conversation.expert_id)
    said = counted(conversation.messages.count(), "message")
    return ask_first(
        request,
        Question(
            question="Delete this conversation?",
            verb="Delete",
            back=address(conversation),
            sentences=["What will go, for good:"],
            losses=[f"“{conversation.title}” with {conversation.expert.name}, {said}"],
        ),
    )
