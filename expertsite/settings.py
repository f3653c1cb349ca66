"""Django's settings, all from the environment (expertsite/environment.py lists the variables)."""

from datetime import timedelta
from pathlib import Path

import django_stubs_ext

from expertsite.databases import database
from expertsite.environment import BASE_DIR, read_environment
from expertsite.logs import logging_config
from expertsite.policy import content_security_policy
from expertsite.secret import local_secret_key
from expertsite.storage import storages

django_stubs_ext.monkeypatch()

ENVIRONMENT = read_environment()

# Who we are
DEBUG = ENVIRONMENT.debug
DATA_DIR: Path = ENVIRONMENT.expertsite_data_dir
SECRET_KEY = ENVIRONMENT.secret_key or local_secret_key(DATA_DIR)
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts or ["localhost", "127.0.0.1", "[::1]"]
PUBLIC_URL = ENVIRONMENT.public_url.rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
ROOT_URLCONF = "expertsite.urls"
ASGI_APPLICATION = "expertsite.asgi.application"
WSGI_APPLICATION = "expertsite.wsgi.application"

INSTALLED_APPS = [
    "expertsite",
    "experts",
    "queueing",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "experts.api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Data
DATABASES = {"default": database(ENVIRONMENT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STORAGES = storages(ENVIRONMENT)
MEDIA_ROOT = DATA_DIR / "uploads"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
SERVESTATIC_USE_FINDERS = DEBUG

# Uploads stream to disk; the limit is enforced while they arrive.
MAX_UPLOAD_BYTES = ENVIRONMENT.max_upload_mb * 1024 * 1024
MAX_FILES_PER_UPLOAD = 50
MAX_REQUEST_BYTES = 10 * MAX_UPLOAD_BYTES
FILE_UPLOAD_HANDLERS = [
    "experts.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)

# People
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "dashboard"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "experts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["experts.api.parsers.JSONObjectParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "experts.api.errors.handle_exception",
    "DEFAULT_PAGINATION_CLASS": "experts.api.pagination.Pagination",
    "PAGE_SIZE": 50,
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "TITLE": "Expertsite",
    "DESCRIPTION": "Upload documents, create experts, talk with them.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "FileStatusEnum": "experts.models.SourceFile.Status",
        "ProgressStatusEnum": "experts.models.ExpertProcessingProgress.Status",
        "TaskStatusEnum": "queueing.models.ProcessingTask.Status",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# The queue
QUEUEING = {
    "GRACE_PERIOD": timedelta(seconds=ENVIRONMENT.queue_grace_period),
    "PREPARE_STATEMENTS": ENVIRONMENT.queue_prepare_statements,
    "FAIR_BETWEEN_OWNERS": ENVIRONMENT.queue_fairness == "owner",
}

# Providers: chosen by the environment, described in docs/
PROVIDERS = ENVIRONMENT.choices
EMBEDDER_THREADS = ENVIRONMENT.embedder_threads

# Logs
LOGGING = logging_config(ENVIRONMENT.log_format or ("console" if DEBUG else "json"), verbose=False)

# Transport: HTTPS only in production, unless PUBLIC_URL says that there is none.
HTTPS = not DEBUG and not PUBLIC_URL.startswith("http://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
CONTENT_SECURITY_POLICY = content_security_policy(ENVIRONMENT)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
