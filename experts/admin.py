"""What an operator sees of experts; tasks and workers are in the queue's own admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from experts.costs import used_by
from experts.models import Conversation, Expert, ExpertFile, Message, SourceFile, VendorUsage
from experts.operations import (
    Refused,
    cancel_processing,
    delete_expert,
    delete_file,
    reprocess,
    retry_file,
)
from experts.providers.prices import dollars, price_of
from experts.views.phrases import used_in_words

admin.site.site_header = admin.site.site_title = "Expertsite"
admin.site.index_title = "Operations"


class SelectionInline(admin.TabularInline[ExpertFile, Expert]):
    model = ExpertFile
    extra = 0
    fields = readonly_fields = ("ordinal", "file", "file_status")
    can_delete = False

    @admin.display(description="status")
    def file_status(self, selection: ExpertFile) -> str:
        return selection.file.get_status_display()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Expert)
class ExpertAdmin(admin.ModelAdmin[Expert]):
    list_display = ["name", "owner", "state", "percentage", "file_count", "task", "created_at"]
    list_filter = ["progress__status", "agent_status", "created_at"]
    list_select_related = ["owner", "progress"]
    search_fields = ["name", "id", "owner__username"]
    date_hierarchy = "created_at"
    readonly_fields = [
        "id",
        "owner",
        "agent_id",
        "agent_status",
        "task",
        "used_at_vendors",
        "created_at",
        "updated_at",
    ]
    exclude = ["avatar"]
    inlines = [SelectionInline]
    actions = ["reprocess_selected", "cancel_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Expert]:
        return super().get_queryset(request).annotate(files_selected=Count("selections"))

    @admin.display(description="state", ordering="progress__stage")
    def state(self, expert: Expert) -> str:
        return expert.progress.get_stage_display()

    @admin.display(description="%", ordering="progress__progress_percentage")
    def percentage(self, expert: Expert) -> int:
        return expert.progress.progress_percentage

    @admin.display(description="files", ordering="files_selected")
    def file_count(self, expert: Any) -> int:
        return int(expert.files_selected)

    @admin.display(description="task")
    def task(self, expert: Expert) -> str:
        task_id = expert.progress.task_id
        if task_id is None:
            return "–"
        address = reverse("admin:queueing_processingtask_change", args=[task_id])
        return format_html('<a href="{}">{}</a>', address, str(task_id)[-8:])

    @admin.display(description="used at vendors")
    def used_at_vendors(self, expert: Expert) -> str:
        return used_in_words(used_by(expert.pk)) or "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # experts are made with their files, on the dashboard or by the API

    def delete_model(self, request: HttpRequest, obj: Expert) -> None:
        delete_expert(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Expert]) -> None:
        for expert in queryset:
            delete_expert(expert)

    @admin.action(description="Requeue the processing", permissions=["change"])
    def reprocess_selected(self, request: HttpRequest, queryset: QuerySet[Expert]) -> None:
        for expert in queryset:
            reprocess(expert)
        self.message_user(request, f"Queued: {len(queryset)}.")

    @admin.action(description="Cancel the processing", permissions=["change"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Expert]) -> None:
        for expert in queryset:
            try:
                cancel_processing(expert)
            except Refused as refused:
                self.message_user(request, f"{expert}: {refused.message}", messages.WARNING)


@admin.register(SourceFile)
class SourceFileAdmin(admin.ModelAdmin[SourceFile]):
    list_display = ["name", "owner", "status", "media_type", "pages", "size", "created_at"]
    list_filter = ["status", "media_type", "error_code", "created_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "id", "sha256", "owner__username"]
    date_hierarchy = "created_at"
    actions = ["retry_selected"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SourceFile | None = None) -> bool:
        return False  # a file is what its bytes are

    def delete_model(self, request: HttpRequest, obj: SourceFile) -> None:
        delete_file(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SourceFile]) -> None:
        for file in queryset:
            delete_file(file)

    @admin.action(description="Read again", permissions=["view"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[SourceFile]) -> None:
        for file in queryset:
            try:
                retry_file(file)
            except Refused as refused:
                self.message_user(request, f"{file}: {refused.message}", messages.WARNING)


class MessageInline(admin.TabularInline[Message, Conversation]):
    model = Message
    extra = 0
    fields = readonly_fields = ("created_at", "role", "text", "grounded")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Conversation)
class ConversationAdmin(admin.ModelAdmin[Conversation]):
    list_display = ["title", "expert", "user", "created_at"]
    list_select_related = ["expert", "user"]
    search_fields = ["title", "expert__name", "user__username"]
    inlines = [MessageInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False


@admin.register(VendorUsage)
class VendorUsageAdmin(admin.ModelAdmin[VendorUsage]):
    """The ledger: nobody writes it by hand."""

    list_display = [
        "at",
        "owner",
        "expert",
        "vendor",
        "kind",
        "model",
        "calls",
        "tokens_in",
        "tokens_out",
        "seconds",
        "price",
    ]
    list_filter = ["vendor", "kind", "model", "at"]
    list_select_related = ["owner"]
    search_fields = ["expert_id", "file_id", "owner__username"]
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[VendorUsage]:
        names = Expert.objects.filter(pk=OuterRef("expert_id")).values("name")
        return super().get_queryset(request).annotate(expert_name=Subquery(names))

    @admin.display(description="expert")
    def expert(self, usage: Any) -> str:
        return usage.expert_name or "–"

    @admin.display(description="about, in $")
    def price(self, usage: VendorUsage) -> str:
        listed = price_of(usage.model, kind=usage.kind, vendor=usage.vendor)
        cost = dollars(listed, tokens_in=usage.tokens_in, tokens_out=usage.tokens_out)
        return "–" if cost is None else f"{cost:.6f}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: VendorUsage | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: VendorUsage | None = None) -> bool:
        return False  # what was paid stays paid
