"""Every address of the product: API at the root, pages under /dashboard/, admin, operations."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView


class Favicon(RedirectView):
    """For the pages that name no icon of their own: the admin and the API's description."""

    def get_redirect_url(self, *args: object, **kwargs: object) -> str:
        return static("favicon.svg")


urlpatterns = [
    path("", include("experts.api.urls")),
    path("", include("experts.views.urls")),
    path("", include("queueing.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", Favicon.as_view()),
]
