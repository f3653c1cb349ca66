"""Every address of the product: API at the root, pages under /dashboard/, admin, operations."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("experts.api.urls")),
    path("", include("experts.views.urls")),
    path("", include("queueing.urls")),
    path("admin/", admin.site.urls),
]
