from django.urls import path

from queueing.views import metrics

urlpatterns = [path("metrics", metrics, name="metrics")]
