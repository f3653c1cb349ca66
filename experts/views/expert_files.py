"""Adding files to an expert, and taking them out."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from experts.forms import SelectionForm, show_refusal
from experts.models import Expert
from experts.operations import Refused, add_files, remove_files
from experts.views.confirming import Question, ask_first
from experts.views.expert import address, find
from experts.views.person import PersonRequest
from experts.views.phrases import counted
from experts.views.selecting import (
    bring,
    choices,
    estimated,
    most_megabytes,
    show_problems,
    ticked,
    with_selected,
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def expert_files(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Choose or upload more files."""
    expert = find(request, pk)
    form = SelectionForm(owner=request.user)
    if request.method == "POST":
        brought = bring(request, owner=request.user)
        form = SelectionForm(with_selected(request.POST, brought), owner=request.user)
        show_problems(form, brought)
        if added := add(expert, form):
            messages.success(request, f"{expert.name} learns from {counted(added, 'more file')}.")
            return redirect("expert_detail", expert.pk)
    has = expert.files.values_list("pk", flat=True)
    picked = choices(owner=request.user, chosen=ticked(form, request), without=has)
    context = {
        "section": "experts",
        "expert": expert,
        "back": address(expert),
        "form": form,
        "choices": picked,
        "estimate": estimated(picked),
        "most_megabytes": most_megabytes(),
    }
    return render(request, "expert_files.html", context, status=422 if form.errors else 200)


def add(expert: Expert, form: SelectionForm) -> int:
    """How many files the expert got; 0 when the form says why not."""
    if not form.is_valid():
        return 0
    files = list(form.cleaned_data["selected_files"])
    try:
        add_files(expert, files)
    except Refused as refusal:
        show_refusal(form, refusal)
        return 0
    return len(files)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def expert_file_remove(request: PersonRequest, pk: UUID, file_pk: UUID) -> HttpResponse:
    expert = find(request, pk)
    file = get_object_or_404(expert.files, pk=file_pk)
    if request.method == "POST":
        try:
            remove_files(expert, [file])
            messages.success(request, f"{expert.name} no longer uses {file.name}.")
        except Refused as refusal:
            messages.error(request, refusal.message)
        return redirect("expert_detail", expert.pk)
    return ask_first(
        request,
        Question(
            question=f"Remove {file.name} from {expert.name}?",
            verb="Remove",
            back=address(expert),
            sentences=[
                "The expert will not answer from it any more. The file stays in your library,"
                " and conversations keep the passages that they cite."
            ],
        ),
    )
