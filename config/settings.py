"""Scruple's settings, in one file. What differs between installations is in the environment."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What the environment decides ------------------------------------------------------------
# Set by the supervisor behind `make run` alone: real servers, but started for this one machine.
EMBEDDED = env.flag("EMBEDDED")
DEBUG = False
_database = env.database("DATABASE_URL")
SECRET_KEY = env.secret("SECRET_KEY", needed=_database is not None)
# What second factors are encrypted with; the embedded stack keeps one beside its database.
MFA_KEYS = env.fernet_keys("MFA_KEYS", needed=_database is not None and not EMBEDDED)
REQUIRE_MFA = env.flag("REQUIRE_MFA", default=True)
if not REQUIRE_MFA and not EMBEDDED:
    raise ImproperlyConfigured("REQUIRE_MFA=false is for the embedded demo stack alone.")
PUBLIC_URL = env.base_url("PUBLIC_URL", "http://127.0.0.1:8000")
REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
PHARMACY_NAME = env.text("PHARMACY_NAME", "Scruple Compounding Pharmacy")
PHARMACY_PHONE = env.text("PHARMACY_PHONE", "(555) 555-0100")
PHARMACY_TIME_ZONE = env.time_zone("PHARMACY_TIME_ZONE", "America/New_York")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Scruple <no-reply@example.org>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where credentials and papers are checked; empty: they could not be.
NPPES_URL = env.service_url("NPPES_URL")
CLAMAV_URL = env.scanner("CLAMAV_URL")

_public = urlsplit(PUBLIC_URL)
_https = _public.scheme == "https"
ALLOWED_HOSTS = [str(_public.hostname), *(["127.0.0.1", "localhost"] if EMBEDDED else [])]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# --- The house -------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Before our apps, whose administration takes theirs away again.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "notifications",
    "intake",
    "orders",
    "formulary",
    "accounts",
    "events",
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "csp",
    "pgtrigger",
    "pghistory",
    "bootstrap",
    "fontawesome",
]
MIDDLEWARE = [
    "config.middleware.RequestId",
    "config.health.HealthChecks",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.uploads.RequestSize",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "config.middleware.HistoryContext",
    "config.middleware.NoStore",
    "config.middleware.LocalTime",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.SessionClock",
    "accounts.middleware.SecondFactorFirst",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
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
                "config.context.site",
                "notifications.context.bell",
            ],
            "builtins": ["config.templatetags.scruple", "config.templatetags.house_field"],
            "libraries": {},
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Database, cache, sessions: PostgreSQL alone, so that sign-in works without Redis -----------
_TIMEOUTS = "-c lock_timeout=3s -c statement_timeout=10s -c idle_in_transaction_session_timeout=15s"
DATABASES: dict[str, dict[str, object]] = {}
if _database is not None:
    DATABASES["default"] = {
        **_database,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "options": _TIMEOUTS, **_database.get("OPTIONS", {})},
    }
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Rate limits live here: a full cache would drop counters that still hold.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    },
}
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _https else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

# --- Sign-in ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.LongEnough"},
    {"NAME": "accounts.validators.NotCommon"},
    {"NAME": "accounts.validators.NotGuessable"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# How many proxies of ours stand in front and add to X-Forwarded-For; 0 trusts the header never.
ALLAUTH_TRUSTED_PROXY_COUNT = env.count("TRUSTED_PROXY_COUNT")
# The account first: what is refused for one account is not counted against its practice's address.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "8/5m/key,60/5m/ip",
    "reauthenticate": "8/5m/user",
    "second_factor": "8/5m/key,60/5m/ip",
    "forgot": "3/5m/key,20/5m/ip",
    "private_link": "8/5m/key,60/5m/ip",
    "ask_question": "6/h/key,20/h/ip",
    # A practice of many prescribers sits behind one address.
    "apply_start": "20/h/ip",
    "apply_lost": "20/h/ip",
    "apply_lost_mail": "3/h/key",
    "apply_ask": "3/h/key",
}
ACCOUNT_LOGIN_TIMEOUT = 900
MFA_ADAPTER = "accounts.adapter.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Scruple"

# --- Browser policy --------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SSL_REDIRECT = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's own icons are data: images in its stylesheet
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Celery: Redis is a wake-up, the database owns the retry ------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = 2
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    # A worker whose Redis went silent looks for it again after 7 s instead of 27.
    "health_check_interval": 5,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    # Expires, so that an hour without a worker does not leave a heap of beats behind.
    "worker-heartbeat": {
        "task": "notifications.tasks.beat",
        "schedule": 10.0,
        "options": {"expires": 30},
    },
    "old-sessions": {"task": "accounts.tasks.forget_old_sessions", "schedule": 3600.0},
    "lapsed-applications": {
        "task": "intake.tasks.release_lapsed_applications",
        "schedule": 60.0,
    },
    "lapsed-questions": {"task": "intake.tasks.release_lapsed_questions", "schedule": 60.0},
    "formulary-changes": {"task": "formulary.tasks.apply_due_changes", "schedule": 60.0},
    "lapsed-claims": {"task": "orders.tasks.release_lapsed_claims", "schedule": 60.0},
    "holds-due": {"task": "orders.tasks.end_holds_due", "schedule": 900.0},
    "expired-orders": {"task": "orders.tasks.expire_orders", "schedule": 900.0},
    "endings": {"task": "orders.tasks.tell_of_endings", "schedule": 3600.0},
    "countersignatures": {"task": "orders.tasks.ask_to_countersign", "schedule": 3600.0},
    "due-checks": {
        "task": "intake.tasks.run_due_checks",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "monthly-checks": {"task": "intake.tasks.plan_monthly_checks", "schedule": 3600.0},
    "licences": {"task": "intake.tasks.tell_of_licences", "schedule": 3600.0},
    "virus-scans": {
        "task": "intake.tasks.scan_papers",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "lost-papers": {"task": "intake.tasks.sweep_papers", "schedule": 24 * 3600.0},
    # Somebody waits at a progress bar; what was missed is taken up by the next beat.
    "patient-imports": {
        "task": "orders.tasks.work_on_patient_imports",
        "schedule": 3.0,
        "options": {"expires": 3},
    },
    "old-patient-imports": {
        "task": "orders.tasks.forget_patient_imports",
        "schedule": 3600.0,
    },
    "abandoned-drafts": {"task": "intake.tasks.discard_abandoned_drafts", "schedule": 3600.0},
}

# --- Mail, files, language ---------------------------------------------------------------------
vars().update(env.email("EMAIL_URL", "consolemail://"))
EMAIL_TIMEOUT = 5
LANGUAGE_CODE = "en-us"
# “Today” outside a request, as in a task or a command, is the pharmacy's.
TIME_ZONE = PHARMACY_TIME_ZONE
USE_TZ = True
USE_I18N = False
STATIC_URL = "/static/"
STATIC_ROOT = env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Papers of applicants; served through an authorised view alone.
    "private": env.paper_storage(BASE_DIR / "var" / "uploads"),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_HANDLERS = ["config.uploads.CappedFiles"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Its warnings repeat request paths; the web server's access log is off for the same reason.
        "django.request": {"level": "ERROR"},
        # It tells every address it asks, and the registry's hold an NPI.
        "httpx": {"level": "WARNING"},
    },
}
