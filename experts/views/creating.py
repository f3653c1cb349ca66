"""The page on which an expert is made."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from experts.costs import estimate
from experts.forms import NewExpertForm, show_refusal
from experts.models import Expert, SourceFile
from experts.operations import Refused, create_expert
from experts.views.live import identifiers
from experts.views.person import PersonRequest
from experts.views.phrases import estimate_in_words
from experts.views.selecting import (
    bring,
    choices,
    estimated,
    most_megabytes,
    show_problems,
    ticked,
    with_selected,
)

# Behind "How it speaks and looks".
CHARACTER = ("persona", "first_message", "language", "voice_id", "avatar")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def expert_new(request: PersonRequest) -> HttpResponse:
    form = NewExpertForm(owner=request.user)
    if request.method == "POST":
        form = sent(request)
        if expert := created(form, owner=request.user):
            messages.success(request, f"{expert.name} is in the queue. You can watch it learn.")
            return redirect("expert_detail", expert.pk)
    picked = choices(owner=request.user, chosen=ticked(form, request))
    context = {
        "section": "experts",
        "dashboard_url": reverse("dashboard"),
        "form": form,
        "choices": picked,
        "estimate": estimated(picked),
        "most_megabytes": most_megabytes(),
        "more_open": any(name in form.errors for name in CHARACTER),
    }
    return render(request, "expert_new.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def expert_estimate(request: PersonRequest) -> HttpResponse:
    """What the files that are ticked now are going to cost; the form asks at every tick."""
    ids = identifiers(request.POST.getlist("selected_files"))
    files = SourceFile.objects.visible_to(request.user).filter(pk__in=ids)
    context = {"estimate": estimate_in_words(estimate(list(files)))}
    return render(request, "_estimate.html", context)


def sent(request: PersonRequest) -> NewExpertForm:
    """The form as it was sent; its new files are in the library, whatever else is wrong."""
    brought = bring(request, owner=request.user)
    form = NewExpertForm(with_selected(request.POST, brought), request.FILES, owner=request.user)
    show_problems(form, brought)
    return form


def created(form: NewExpertForm, *, owner: User) -> Expert | None:
    """The expert, unless the form has errors or the operation refuses; then it says so."""
    if not form.is_valid():
        return None
    fields = {name: value for name, value in form.cleaned_data.items() if name != "new_files"}
    try:
        files = list(fields.pop("selected_files"))
        return create_expert(owner=owner, files=files, **fields).expert
    except Refused as refusal:
        show_refusal(form, refusal)
        return None
