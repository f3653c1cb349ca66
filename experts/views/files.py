"""The library of files."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from experts.models import SourceFile
from experts.operations import Refused, delete_file, retry_file
from experts.views.confirming import Question, ask_first, next_page
from experts.views.person import PersonRequest
from experts.views.phrases import counted
from experts.views.selecting import Brought, bring, most_megabytes
from experts.views.shown import ShownFile, ShownPage

ROWS_A_PAGE = 50
TEXT_PAGES_A_PAGE = 100


def find(request: PersonRequest, pk: UUID) -> SourceFile:
    """The person's own file; somebody else's is not found."""
    return get_object_or_404(SourceFile.objects.visible_to(request.user), pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def files(request: PersonRequest) -> HttpResponse:
    """The list; a POST uploads where there is no JavaScript."""
    if request.method == "POST":
        tell(request, bring(request, owner=request.user))
        return redirect("files")
    mine = SourceFile.objects.visible_to(request.user)
    page = Paginator(mine, ROWS_A_PAGE).get_page(request.GET.get("page"))
    shown = [ShownFile(file) for file in page]
    context = {
        "section": "files",
        "here": request.get_full_path(),
        "page": page,
        "files": shown,
        "reading": any(file.is_being_read for file in shown),
        "most_megabytes": most_megabytes(),
    }
    return render(request, "files.html", context)


def tell(request: PersonRequest, brought: Brought) -> None:
    """What became of an upload, each sort of outcome in one message."""
    known = [upload.file.name for upload in brought.uploads if upload.duplicate]
    new = len(brought.uploads) - len(known)
    if new:
        messages.success(request, f"{counted(new, 'file')} uploaded.")
    if known:
        messages.info(request, f"Already in your library: {', '.join(known)}")
    for problem in brought.problems:
        messages.error(request, problem)


@login_required
@require_safe
def file_detail(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The text as it was read; `?at=7` turns to the stretch of pages that holds page 7."""
    file = find(request, pk)
    texts = Paginator(file.source_pages.all(), TEXT_PAGES_A_PAGE)
    page = texts.get_page(request.GET.get("page") or stretch(request.GET.get("at", "")))
    context = {
        "section": "files",
        "shown": ShownFile(file),
        "passages": file.passages.count(),
        "experts": file.experts.visible_to(request.user),
        "page": page,
        "pages": [ShownPage(text) for text in page],
    }
    return render(request, "file_detail.html", context)


def stretch(page: str) -> int:
    """The number of the stretch that holds this page of the file."""
    return (int(page) - 1) // TEXT_PAGES_A_PAGE + 1 if page.isdecimal() else 1


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def file_delete(request: PersonRequest, pk: UUID) -> HttpResponse:
    file = find(request, pk)
    if request.method == "POST":
        delete_file(file)
        messages.success(request, f"{file.name} is deleted.")
        return redirect("files")
    users = list(file.experts.values_list("name", flat=True))
    losses = [f"the file and {counted(file.passages.count(), 'passage')} learnt from it"]
    if users:
        losses.append(f"what it taught {', '.join(users)}")
    return ask_first(
        request,
        Question(
            question=f"Delete {file.name}?",
            verb="Delete",
            back=request.path.removesuffix("delete/"),
            sentences=["Conversations keep what they quote. What will go, for good:"],
            losses=losses,
        ),
    )


@login_required
@require_POST
def file_retry(request: PersonRequest, pk: UUID) -> HttpResponse:
    file = find(request, pk)
    try:
        retry_file(file)
        messages.success(request, f"{file.name} will be read again.")
    except Refused as refusal:
        messages.warning(request, refusal.message)
    return redirect(next_page(request, "files"))
