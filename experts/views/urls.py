"""The pages' addresses."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path
from django.views.generic import RedirectView

from experts.views import (
    account,
    chat,
    conversations,
    creating,
    dashboard,
    expert,
    expert_files,
    files,
    live,
    passages,
    queue,
)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="dashboard"), name="home"),
    path(
        "accounts/login/",
        LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True),
        name="login",
    ),
    path("accounts/signup/", account.signup, name="signup"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("accounts/password/", account.PasswordChange.as_view(), name="password_change"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/events/", live.events, name="live_events"),
    path("dashboard/states/", live.states, name="live_states"),
    path("dashboard/experts/new/", creating.expert_new, name="expert_new"),
    path("dashboard/experts/estimate/", creating.expert_estimate, name="expert_estimate"),
    path("dashboard/experts/<uuid:pk>/", expert.expert_detail, name="expert_detail"),
    path("dashboard/experts/<uuid:pk>/edit/", expert.expert_edit, name="expert_edit"),
    path("dashboard/experts/<uuid:pk>/delete/", expert.expert_delete, name="expert_delete"),
    path("dashboard/experts/<uuid:pk>/cancel/", expert.expert_cancel, name="expert_cancel"),
    path(
        "dashboard/experts/<uuid:pk>/reprocess/", expert.expert_reprocess, name="expert_reprocess"
    ),
    path("dashboard/experts/<uuid:pk>/files/", expert_files.expert_files, name="expert_files"),
    path(
        "dashboard/experts/<uuid:pk>/files/<uuid:file_pk>/remove/",
        expert_files.expert_file_remove,
        name="expert_file_remove",
    ),
    path("dashboard/experts/<uuid:pk>/ask/", chat.expert_ask, name="expert_ask"),
    path(
        "dashboard/conversations/<uuid:pk>/answer/",
        chat.conversation_answer,
        name="conversation_answer",
    ),
    path(
        "dashboard/conversations/<uuid:pk>/rename/",
        conversations.conversation_rename,
        name="conversation_rename",
    ),
    path(
        "dashboard/conversations/<uuid:pk>/delete/",
        conversations.conversation_delete,
        name="conversation_delete",
    ),
    path("dashboard/experts/<uuid:pk>/passages/", passages.passages, name="passages"),
    path("dashboard/experts/<uuid:pk>/passages/<int:number>/", passages.passage, name="passage"),
    path("dashboard/messages/<uuid:pk>/quotes/<int:number>/", chat.quote, name="quote"),
    path("dashboard/files/", files.files, name="files"),
    path("dashboard/files/<uuid:pk>/", files.file_detail, name="file_detail"),
    path("dashboard/files/<uuid:pk>/delete/", files.file_delete, name="file_delete"),
    path("dashboard/files/<uuid:pk>/retry/", files.file_retry, name="file_retry"),
    path("dashboard/account/", account.account, name="account"),
    path("dashboard/account/tokens/", account.token_make, name="token_make"),
    path(
        "dashboard/account/tokens/<str:token_key>/revoke/",
        account.token_revoke,
        name="token_revoke",
    ),
    path("dashboard/queue/", queue.queue, name="queue"),
]
