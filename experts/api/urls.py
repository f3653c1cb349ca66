"""The API's addresses, at the root of the site."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from experts.api.views import chat, costs, experts, files, health, processing, queue, voice

app_name = "api"

file_patterns = [
    path("", files.FileDetailView.as_view(), name="file"),
    path("retry/", files.FileRetryView.as_view(), name="file-retry"),
    path("content/", files.FileContentView.as_view(), name="file-content"),
    path("text/", files.FileTextView.as_view(), name="file-text"),
]
expert_patterns = [
    path("", experts.ExpertDetailView.as_view(), name="expert"),
    path("avatar/", experts.ExpertAvatarView.as_view(), name="expert-avatar"),
    path("progress/", processing.ExpertProgressView.as_view(), name="expert-progress"),
    path("events/", processing.ExpertEventsView.as_view(), name="expert-events"),
    path("files/", processing.ExpertFilesView.as_view(), name="expert-files"),
    path("cancel/", processing.ExpertCancelView.as_view(), name="expert-cancel"),
    path("reprocess/", processing.ExpertReprocessView.as_view(), name="expert-reprocess"),
    path("search/", chat.ExpertSearchView.as_view(), name="expert-search"),
    path("chat/", chat.ExpertChatView.as_view(), name="expert-chat"),
    path("conversations/", chat.ConversationListView.as_view(), name="conversations"),
    path(
        "conversations/<uuid:conversation_id>/",
        chat.ConversationDetailView.as_view(),
        name="conversation",
    ),
    path("voice/session/", voice.VoiceSessionView.as_view(), name="voice-session"),
]
urlpatterns = [
    path("files/", files.FileListView.as_view(), name="files"),
    path("files/<uuid:file_id>/", include(file_patterns)),
    path("experts/", experts.ExpertListView.as_view(), name="experts"),
    path("experts/estimate/", costs.EstimateView.as_view(), name="estimate"),
    path("experts/<uuid:expert_id>/", include(expert_patterns)),
    path("queue/", queue.QueueView.as_view(), name="queue"),
    path("voice/search/", voice.VoiceSearchView.as_view(), name="voice-search"),
    path("voice/events/", voice.VoiceEventsView.as_view(), name="voice-events"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api:schema"), name="docs"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
