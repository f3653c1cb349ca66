"""What all pages of the queue share: they show rows, and no form changes them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from queueing.estimates import count

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    RowPaginator = Paginator[Any]
else:  # these are generic for the type checker only
    ModelAdmin = admin.ModelAdmin
    RowPaginator = Paginator


class EstimatingPaginator(RowPaginator):
    """Knows how many pages there are without counting a million rows for each."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list  # a QuerySet, in the admin
        return count(rows).number


class LookOnly(ModelAdmin):
    """Rows are changed by transitions only, never by a form."""

    paginator = EstimatingPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they would count all rows for each filter
    list_per_page = 50
    ordering = ("-pk",)  # by time, for keys are time-ordered

    class Media:
        css = {"all": ("queueing/admin.css",)}  # noqa: RUF012  (Django's own way to say it)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.opts.fields]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        hidden = {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context | hidden, *args, **kwargs)


def badge(kind: str, text: str) -> SafeString:
    """A word in its colour, which the stylesheet knows."""
    return format_html('<b class="queueing-badge queueing-{}">{}</b>', kind, text)


def preformatted(text: str) -> SafeString:
    return format_html('<pre class="queueing-text">{}</pre>', text) if text else SafeString("–")


def remember(request: HttpRequest, rows: Iterable[Model], message: str) -> None:
    """Write into the admin's own history who did that."""
    LogEntry.objects.log_actions(request.user.pk or 0, rows, CHANGE, message)
