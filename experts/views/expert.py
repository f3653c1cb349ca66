"""The page of one expert, and what can be done with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from experts.costs import used_by
from experts.forms import EditExpertForm, show_refusal
from experts.languages import LANGUAGES
from experts.models import Expert, Passage, SourceFile
from experts.operations import (
    Refused,
    cancel_processing,
    delete_expert,
    reprocess,
    update_expert,
)
from experts.views.chat import chat_context
from experts.views.confirming import Question, ask_first, next_page
from experts.views.dashboard import live_addresses
from experts.views.person import PersonRequest
from experts.views.phrases import counted, used_in_words
from experts.views.shown import ShownFile, show_experts


def find(request: PersonRequest, pk: UUID) -> Expert:
    """The person's own expert; somebody else's is not found."""
    mine = Expert.objects.visible_to(request.user).select_related("progress")
    return get_object_or_404(mine, pk=pk)


def address(expert: Expert) -> str:
    return reverse("expert_detail", args=[expert.pk])


@login_required
@require_safe
def expert_detail(request: PersonRequest, pk: UUID) -> HttpResponse:
    expert = find(request, pk)
    [shown] = show_experts([expert])
    files = list(expert.ordered_files())
    context = {
        "section": "experts",
        "here": address(expert),
        "expert": expert,
        "shown": shown,
        "files": [ShownFile(file) for file in files],
        "learnt": learnt(expert),
        "used": used_in_words(used_by(expert.pk)),
        "language": dict(LANGUAGES).get(expert.language, expert.language),
        "refreshes": not shown.can_chat and not shown.state.finished,
        **live_addresses([shown], with_steps=True),
        **chat_context(request, expert),
    }
    return render(request, "expert_detail.html", context)


def learnt(expert: Expert) -> dict[str, Any]:
    """How much of the expert's files can be cited: files, pages, passages."""
    ready = SourceFile.objects.ready().filter(experts=expert)
    return {
        **ready.aggregate(files=Count("pk"), pages=Sum("pages", default=0)),
        "passages": Passage.objects.filter(source_file__in=ready).count(),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def expert_edit(request: PersonRequest, pk: UUID) -> HttpResponse:
    expert = find(request, pk)
    initial = {name: getattr(expert, name, None) for name in EditExpertForm.base_fields}
    form = EditExpertForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and changed(expert, form):
        messages.success(request, f"{expert.name} is saved.")
        return redirect("expert_detail", expert.pk)
    context = {"section": "experts", "expert": expert, "form": form, "back": address(expert)}
    return render(request, "expert_edit.html", context, status=422 if form.errors else 200)


def changed(expert: Expert, form: EditExpertForm) -> bool:
    """Whether the expert could be changed; if not, the form says why."""
    if not form.is_valid():
        return False
    fields = dict(form.cleaned_data)
    removes = fields.pop("remove_avatar")
    if not form.files:
        del fields["avatar"]  # none chosen: the one that there is stays
        fields |= {"avatar": None} if removes else {}
    try:
        update_expert(expert, **fields)
    except Refused as refusal:
        show_refusal(form, refusal)
        return False
    return True


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def expert_delete(request: PersonRequest, pk: UUID) -> HttpResponse:
    expert = find(request, pk)
    if request.method == "POST":
        delete_expert(expert)
        messages.success(request, f"{expert.name} is deleted.")
        return redirect("dashboard")
    talks = expert.conversations.count()
    return ask_first(
        request,
        Question(
            question=f"Delete {expert.name}?",
            verb="Delete",
            back=address(expert),
            sentences=["Its files stay in your library. What will go, for good:"],
            losses=["the expert, its persona and its picture"]
            + ([f"{counted(talks, 'conversation')} with it"] if talks else []),
        ),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def expert_cancel(request: PersonRequest, pk: UUID) -> HttpResponse:
    expert = find(request, pk)
    if request.method == "POST":
        try:
            cancel_processing(expert)
            messages.success(request, f"Processing of {expert.name} is being cancelled.")
        except Refused as refusal:
            messages.warning(request, refusal.message)
        return redirect(next_page(request, address(expert)))
    return ask_first(
        request,
        Question(
            question=f"Cancel the processing of {expert.name}?",
            verb="Cancel processing",
            keep="Go on",
            back=address(expert),
            sentences=[
                "Its files stay, and what is read of them so far is kept. You can start again"
                " whenever you like; it will wait at the end of the queue."
            ],
        ),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def expert_reprocess(request: PersonRequest, pk: UUID) -> HttpResponse:
    expert = find(request, pk)
    if request.method == "POST":
        reprocess(expert)
        messages.success(request, f"{expert.name} is in the queue again.")
        return redirect(next_page(request, address(expert)))
    failed = expert.files.filter(status__in=SourceFile.FINAL).exclude(status="ready").count()
    again = f"{counted(failed, 'file')} that could not be read will be tried again."
    return ask_first(
        request,
        Question(
            question=f"Process {expert.name} again?",
            verb="Process again",
            keep="Not now",
            back=address(expert),
            dangerous=False,
            sentences=[again if failed else "All its files are checked; what is missing is made."],
        ),
    )
