"""Accounts: signing up, who one is, the password, API tokens."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from experts.forms import ProfileForm, SignupForm
from experts.tokens import create_token, revoke_token, tokens_of
from experts.views.confirming import Question, ask_first
from experts.views.person import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
def signup(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("dashboard")
    form = SignupForm(request.POST or None)
    if form.is_valid():
        login(request, form.save())
        return redirect("dashboard")
    return render(request, "accounts/signup.html", {"form": form})


class PasswordChange(PasswordChangeView):
    """Django's own, on a page of ours."""

    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("account")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password is changed.")
        return super().form_valid(form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: PersonRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "Your account is saved.")
        return redirect("account")
    request.user.refresh_from_db()  # the header must not show a name that was refused
    return render(request, "account.html", account_context(request, form))


def account_context(request: PersonRequest, form: ProfileForm) -> dict[str, Any]:
    return {"form": form, "tokens": tokens_of(request.user)}


@login_required
@require_POST
@never_cache
def token_make(request: PersonRequest) -> HttpResponse:
    """Make a token and show it on this answer only: it is stored hashed."""
    token = create_token(request.user)
    context = account_context(request, ProfileForm(instance=request.user))
    address = request.build_absolute_uri(reverse("api:experts"))
    return render(request, "account.html", context | {"new_token": token, "api_address": address})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def token_revoke(request: PersonRequest, token_key: str) -> HttpResponse:
    token = get_object_or_404(tokens_of(request.user), token_key=token_key)
    if request.method == "POST":
        revoke_token(request.user, token_key)
        messages.success(request, f"The token {token_key}… is revoked.")
        return redirect("account")
    return ask_first(
        request,
        Question(
            question=f"Revoke the token {token.token_key}…?",
            verb="Revoke",
            back=reverse("account"),
            sentences=["Programs that use it will be refused from this moment on."],
        ),
    )
