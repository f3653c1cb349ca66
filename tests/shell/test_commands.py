"""Commands that make accounts, tokens and the demo."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from experts.demo import Demo, ensure_demo
from experts.models import Expert, SourceFile
from experts.operations import Refused
from expertsite.management.commands import run_local

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    """What the command says on its output, and beside it."""
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def may_call(token: str) -> bool:
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return bool(program.get("/files/").status_code == 200)


def test_a_token_stands_alone_on_one_line_and_works(alice: User) -> None:
    out, err = run("create_api_token", "alice")
    assert out.count("\n") == 1
    assert err == ""
    assert may_call(out.strip())


def test_an_account_is_made_only_when_asked_for() -> None:
    out, err = run("create_api_token", "carol", "--create-user")
    assert may_call(out.strip())
    assert "carol" in err
    assert not User.objects.get(username="carol").has_usable_password()


def test_an_unknown_account_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="Add --create-user"):
        run("create_api_token", "nobody")
    assert not User.objects.exists()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    return tmp_path / "demo.json"


def make_demo(secret: Path) -> Demo:
    return ensure_demo(guides=settings.BASE_DIR / "docs", secret=secret)


def test_the_demo_is_an_account_an_expert_and_a_token(secret: Path) -> None:
    demo = make_demo(secret)
    assert User.objects.get(username="demo").check_password(demo.password)
    assert may_call(demo.token)
    assert Expert.objects.get().files.filter(media_type="application/pdf").count() == 1
    assert secret.stat().st_mode & 0o077 == 0


def test_the_demo_is_made_once(secret: Path) -> None:
    first, second = make_demo(secret), make_demo(secret)
    assert first == second
    assert (Expert.objects.count(), SourceFile.objects.count()) == (1, 5)


def test_a_password_that_the_person_chose_stays(secret: Path) -> None:
    make_demo(secret)
    user = User.objects.get(username="demo")
    user.set_password("my own words")
    user.save()
    assert make_demo(secret).password == ""
    assert User.objects.get(username="demo").check_password("my own words")


def test_a_revoked_token_is_made_anew(secret: Path) -> None:
    first = make_demo(secret)
    User.objects.get(username="demo").auth_token_set.all().delete()
    assert may_call(make_demo(secret).token)
    assert not may_call(first.token)


def test_an_account_that_others_made_is_not_touched(secret: Path) -> None:
    User.objects.create_user("demo", password="somebody's")
    assert make_demo(secret).password == ""
    assert not User.objects.get(username="demo").is_superuser


def test_there_is_no_demo_in_production(settings: object) -> None:
    settings.DEBUG = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="DEBUG=1"):
        run("create_demo")


def test_a_storage_that_is_down_is_told_in_a_sentence_when_everything_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(**options: object) -> None:
        raise Refused("storage_unavailable", "S3 could not be reached.")

    monkeypatch.setattr(settings, "DEBUG", True)
    monkeypatch.setattr(run_local, "call_command", lambda *args, **options: None)
    monkeypatch.setattr(run_local, "ensure_demo", refuse)
    with pytest.raises(CommandError, match=r"sample expert cannot be made\. S3 could not be"):
        run_local.Command()._prepare()
