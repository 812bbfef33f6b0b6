"""All settings, read from the environment. `.env.example` documents every variable; `core.checks` refuses bad combinations."""

import logging
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu.transport import TRANSPORT_ALIASES

from config import buckets, spoken
from config.environment import NamedEnv
from config.schedule import BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)


env = NamedEnv()
environ.Env.read_env(BASE_DIR / ".env", overwrite=False)


def numbered(redis_url: str, number: int) -> str:
    """The same Redis server with another database number: one database per use, so that none can flush another."""
    return urlunsplit(urlsplit(redis_url)._replace(path=f"/{number}")) if redis_url else ""


# --- What kind of installation this is -------------------------------------------------------------------------------
ENVIRONMENT = env.str("ENVIRONMENT", "development")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", not PRODUCTION)
INSECURE_SECRET_KEY = "development-only-secret-key-never-use-it-where-strangers-can-reach-it"  # noqa: S105
SECRET_KEY = env.str("SECRET_KEY", "" if PRODUCTION else INSECURE_SECRET_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver"]
)
WEB_PROCESSES = env.int("WEB_PROCESSES", 1)
WEB_THREADS = env.int("WEB_THREADS", 4)
PORT = env.int("PORT", 8000)
RELEASE = env.str("RELEASE", "dev")
# Addresses or networks of the proxies whose X-Forwarded-For and -Proto the server believes; nobody else's are.
PROXY_ADDRESSES = env.list("PROXY_ADDRESSES", default=[])

# --- The publication -------------------------------------------------------------------------------------------------
SITE_NAME = env.str("SITE_NAME", "Quoin")
SITE_TAGLINE = env.str("SITE_TAGLINE", "On places, tools and the keeping of time")
SITE_DESCRIPTION = env.str(
    "SITE_DESCRIPTION", "A magazine about places, tools and the keeping of time, published with Letterpress."
)
SITE_URL = env.address(
    "SITE_URL", f"http://localhost:{PORT}", ("http", "https"), "the public address, such as https://example.org"
).rstrip("/")
SITE_FOOTER = env.str("SITE_FOOTER", "")
LETTERPRESS_INK = env.str("LETTERPRESS_INK", "ultramarine")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", "editor@example.org")
POSTS_PER_PAGE = env.int("POSTS_PER_PAGE", 20)
DEMO_PASSWORD = env.str("DEMO_PASSWORD", "letterpress")

# --- Applications ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "core",
    "accounts",
    "webhooks",
    "media_assets",
    "blog",
    "comments",
    "transfer",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "mptt",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "csp",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "core.middleware.RequestIdHeaderMiddleware",
    "accounts.middleware.CallerNetworkMiddleware",
    "core.rest.middleware.ProblemsMiddleware",  # outside everything that may answer with a page
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.EntityTagMiddleware",
    "core.middleware.PageCacheHeadersMiddleware",  # outside everything that may set a cookie
    "django.contrib.sessions.middleware.SessionMiddleware",
    "blog.language_middleware.LanguageByAddressMiddleware",  # outside everything that looks addresses up
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "core.middleware.NoNulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignedInDeviceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.middleware.OwnNotFoundPageMiddleware",  # outside the redirects, which come first
    "blog.middleware.RedirectOnNotFoundMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "accounts.middleware.UncountedMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

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
                "core.context.publication",
            ],
        },
    },
]

# --- Database --------------------------------------------------------------------------------------------------------
DATABASE_URL = env.address(
    "DATABASE_URL",
    f"sqlite:///{VAR_DIR / 'letterpress.sqlite3'}",
    ("sqlite", "postgres", "postgresql"),
    "postgres://user:password@host:5432/name with special characters URL-encoded, or sqlite:///path/of/a/file",
    needs_host=False,
)
try:
    DATABASES: dict[str, dict[str, Any]] = {"default": environ.Env.db_url_config(DATABASE_URL)}
except ValueError as _error:
    raise ImproperlyConfigured(
        "DATABASE_URL has a port that is no number. URL-encode special characters of the password (@ is %40)."
    ) from _error
if not DATABASES["default"]["NAME"]:
    raise ImproperlyConfigured("DATABASE_URL names no database. Put its name at the end: postgres://host:5432/name.")
_database = DATABASES["default"]
USES_SQLITE = _database["ENGINE"].endswith("sqlite3")
if USES_SQLITE:
    _database["CONN_MAX_AGE"] = 600
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000",
    }
else:
    _database["CONN_MAX_AGE"] = 0
    _database.setdefault("OPTIONS", {})["pool"] = {
        "min_size": env.int("DATABASE_POOL_MIN", 1),
        "max_size": env.int("DATABASE_POOL_MAX", 8),
        "timeout": 10,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: cache /1, sockets /2, queue /3, counts /4; without it the process's own memory ----------------------------------------
REDIS_URL = env.address("REDIS_URL", "", ("redis", "rediss"), "redis://host:6379, or leave it empty")
CACHE_PREFIX = f"letterpress:{env.str('CACHE_NAMESPACE', ENVIRONMENT)}:{RELEASE}"


def cache_on_redis(number: int, *, forgiving: bool) -> dict[str, Any]:
    """`number`: the database, since clearing one empties all of it; `forgiving`: a Redis that is away is a miss."""
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": numbered(REDIS_URL, number),
        "KEY_PREFIX": CACHE_PREFIX,
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": forgiving,
            "SOCKET_CONNECT_TIMEOUT": 1,
            "SOCKET_TIMEOUT": 1,
            "CONNECTION_POOL_KWARGS": {"max_connections": 50},
            "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor",
        },
    }


if REDIS_URL:
    CACHES = {
        "default": cache_on_redis(1, forgiving=True),
        "kept": cache_on_redis(4, forgiving=False),
        "limits": cache_on_redis(4, forgiving=False),
    }
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            # One message a process, however many of its sockets listen. The other layer queues one for each, and what a
            # process has not taken yet counts as one queue: with hundreds of readers it dropped every second like.
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {
                # Each connection serves one word at a time: a silent server is let go of. Listening has a time of its own.
                "hosts": [{"address": numbered(REDIS_URL, 2), "socket_connect_timeout": 1, "socket_timeout": 5}],
                "prefix": CACHE_PREFIX,
            },
        }
    }
else:
    CACHES = {
        alias: {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": alias,
            "KEY_PREFIX": CACHE_PREFIX,
            "OPTIONS": {"MAX_ENTRIES": 5000},
        }
        for alias in ("default", "kept", "limits")
    }
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
RATELIMIT_USE_CACHE = "limits"
# One process without Redis counts in its own memory, which is exact there, in production as well; core.checks refuses it for
# several. django-ratelimit's own check of its cache would not know the difference, so its app is not installed.

# --- Background work -------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.address(
    "CELERY_BROKER_URL",
    numbered(REDIS_URL, 3) or "memory://localhost",
    TRANSPORT_ALIASES,
    "redis://host:6379/3, to another queue Celery knows, or leave it empty",
    needs_host=False,
)
EMBEDDED_WORKERS = CELERY_BROKER_URL.startswith("memory://") and env.bool("EMBEDDED_WORKERS", True)
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 1500
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"polling_interval": 0.1}
    if CELERY_BROKER_URL.startswith("memory://")
    else {"visibility_timeout": 3600, "socket_connect_timeout": 1, "socket_timeout": 5}
)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # it would believe X-Forwarded-For of anybody
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = bool(PROXY_ADDRESSES)
# one line a request; none for ticks of the clock that found nothing to do
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_SUCCESS_LOG_LEVEL = logging.DEBUG

# --- People ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.RoleBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
PASSWORD_RESET_TIMEOUT = 24 * 3600
ACCOUNT_USERNAME_BLACKLIST = ["admin", "administrator", "root", "staff", "moderator", "editor", "letterpress"]
# The second factor: codes of an app, and codes on paper for when the app is lost. What is kept of them is encrypted.
MFA_ADAPTER = "accounts.second_factor.Factors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
# A new address waits for its confirmation beside the old one, so nobody loses theirs over it.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorForm",
    "reauthenticate": "accounts.forms.SecondFactorAgainForm",
    "activate_totp": "accounts.forms.ActivateTOTPForm",
}
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.ChangeEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
# The lock-out of accounts is django-axes' work, so "login_failed" only brakes one address trying many names.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "30/5m/ip",
    "login": "60/m/ip",
    "signup": "20/h/ip",
    "reset_password": "20/h/ip,5/h/key",
    "confirm_email": "1/3m/key",
}
# How many servers of ours stand between callers and this process; see accounts.addresses
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 5 / 60
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "accounts.lockout.account_named"
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.address_of"
AXES_LOCKOUT_CALLABLE = "accounts.lockout.answer_locked_out"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_SENSITIVE_PARAMETERS = ["username", "login", "ip_address", "csrfmiddlewaretoken"]

# --- Programs --------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.PageAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.limits.Limits"],
    "DEFAULT_RENDERER_CLASSES": ["core.rest.rendering.ProgramRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.rest.parsing.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.rest.paging.Pages",
    "DEFAULT_FILTER_BACKENDS": ["core.rest.filtering.DeclaredFilters"],
    "DEFAULT_SCHEMA_CLASS": "core.rest.schema.Described",
    "EXCEPTION_HANDLER": "core.rest.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": None,
    "COERCE_DECIMAL_TO_STRING": True,
    "DATETIME_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Letterpress API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Everything a person can do here, a program can do. The guide is in docs/api.md.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": [],
    "SORT_OPERATIONS": False,
    # Choices stand where they are used: names for those of several things that share a field's name would collide.
    "POSTPROCESSING_HOOKS": ["core.rest.schema.complete"],
}
# Other people's pages call the API only from here.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_EXPOSE_HEADERS = ["ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"]
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "comment-key",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
]

# --- Mail: a row for every message, handed over by accounts.mailing -----------------------------------------------------
EMAIL_URL = env.address(
    "EMAIL_URL",
    "",
    environ.Env.EMAIL_SCHEMES,
    "smtp+tls://user:password@smtp.example.org:587 with special characters URL-encoded",
    needs_host=env.str("EMAIL_URL", "").startswith("smtp"),
)
vars().update(
    environ.Env.email_url_config(EMAIL_URL)
    if EMAIL_URL
    else {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <post@{urlsplit(SITE_URL).hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
KEEP_MAIL_BODIES = env.bool("KEEP_MAIL_BODIES", DEBUG)

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "static-collected"
# What readers fetch lies in MEDIA_ROOT (or the bucket), originals in ORIGINALS_ROOT (or the private bucket).
MEDIA_URL = "/media/"
MEDIA_ROOT = env.str("MEDIA_ROOT", str(VAR_DIR / "media"))
ORIGINALS_ROOT = env.str("ORIGINALS_ROOT", "")
WHITENOISE_MAX_AGE = 3600 if PRODUCTION else 0
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "originals": {"BACKEND": "media_assets.storage.PrivateFolder"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
S3_BUCKET = env.str("S3_BUCKET", "")
# Empty: the originals lie in the public bucket too, under "originals/"; its policy must then keep that prefix private.
S3_PRIVATE_BUCKET = env.str("S3_PRIVATE_BUCKET", "")
# The public address of what is in the public store, such as https://files.example.org/; a CDN in front of it.
MEDIA_CDN_URL = env.address(
    "MEDIA_CDN_URL", "", ("http", "https"), "the address files are fetched from, such as https://files.example.org/"
)
S3_ENDPOINT_URL = env.address(
    "S3_ENDPOINT_URL",
    "",
    ("http", "https"),
    "the address of the store, such as https://s3.example.org, without a bucket",
).rstrip("/")
S3_REGION = env.str("S3_REGION", "")
S3_ACCESS_KEY = env.str("S3_ACCESS_KEY", "")
S3_SECRET_KEY = env.str("S3_SECRET_KEY", "")
S3_ADDRESSING = env.str("S3_ADDRESSING", "path" if S3_ENDPOINT_URL else "auto")
if S3_BUCKET:
    STORAGES |= buckets.stores(
        S3_BUCKET,
        S3_PRIVATE_BUCKET,
        endpoint=S3_ENDPOINT_URL,
        region=S3_REGION,
        access_key=S3_ACCESS_KEY,
        secret_key=S3_SECRET_KEY,
        addressing=S3_ADDRESSING,
    )
# Where browsers fetch files and bring large ones, besides this site itself.
_BUCKET_ORIGINS = [
    origin
    for bucket in dict.fromkeys((S3_BUCKET, S3_PRIVATE_BUCKET))
    if bucket
    for origin in buckets.origins(bucket, endpoint=S3_ENDPOINT_URL, region=S3_REGION, addressing=S3_ADDRESSING)
]
_FILE_ORIGINS = list(dict.fromkeys([*_BUCKET_ORIGINS, *([buckets.origin_of(MEDIA_CDN_URL)] if MEDIA_CDN_URL else [])]))
# What went away; core.file_checks says what took its place.
REMOVED_SETTINGS = [name for name in ("MEDIA_CDN_HOST", "MEDIA_URL") if os.environ.get(name, "") not in {"", "/media/"}]
# nginx stands in front and has the folder of the originals (deploy/nginx.conf): it sends what this process allows.
FILES_BY_NGINX = env.bool("FILES_BY_NGINX", False)
# One picture, drawing or document; and one sound or film.
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", 20 * 1024 * 1024)
MAX_RECORDING_BYTES = env.int("MAX_RECORDING_BYTES", 500 * 1024 * 1024)
# sanitise: drawings (SVG) are kept without all that runs or fetches; refuse: they are not taken.
SVG_UPLOADS = env.str("SVG_UPLOADS", "sanitise")
# clamd, as tcp://host:3310 or unix:///run/clamav/clamd.ctl. Empty: files are not scanned.
SCANNER_URL = env.address(
    "SCANNER_URL",
    "",
    ("tcp", "unix"),
    "tcp://127.0.0.1:3310 or unix:///run/clamav/clamd.ctl",
    needs_host=not env.str("SCANNER_URL", "").startswith("unix"),
)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o644
# Where files lie while they come in and are examined. Empty: the system's folder, which must have room for several.
FILE_UPLOAD_TEMP_DIR = env.str("UPLOAD_TEMP_DIR", "") or None
if FILE_UPLOAD_TEMP_DIR:
    Path(FILE_UPLOAD_TEMP_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)

# --- Language and time -----------------------------------------------------------------------------------------------
LANGUAGE_CODE = env.language("LANGUAGE_CODE", "en-gb").lower()
LANGUAGES = spoken.languages(LANGUAGE_CODE)
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/London")
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["core.formats"]

# --- Security --------------------------------------------------------------------------------------------------------
# In the database alone: in a cache that was away during a log-out, the session ended there would live on afterwards.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "blog.views.errors.csrf_refused"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL] if SITE_URL.startswith("https") else [])
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# browsers follow frame-ancestors of the policy below, which lets our own previews in; this is for those that know no policy
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_NAME = "__Host-session"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrf"
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *env.list("CSP_IMAGE_HOSTS", default=["https:"]), *_FILE_ORIGINS],
        "media-src": [SELF, "https:", *_FILE_ORIGINS],
        "frame-src": [
            SELF,
            "https://www.youtube-nocookie.com",
            "https://player.vimeo.com",
            "https://geo.dailymotion.com",
        ],
        "connect-src": [SELF, *_BUCKET_ORIGINS],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
OUTBOUND_ALLOW_PRIVATE = env.list("OUTBOUND_ALLOW_PRIVATE", default=[])

# --- Tags and trees --------------------------------------------------------------------------------------------------
TAGGIT_CASE_INSENSITIVE = True
TAGGIT_STRIP_UNICODE_WHEN_SLUGIFYING = False

# --- Logs: readable in development, JSON in production; both carry the request id --------------------------------------
LOG_LEVEL = env.level("LOG_LEVEL", "INFO")
LOG_FORMAT = env.str("LOG_FORMAT", "json" if PRODUCTION else "console")
_before_rendering: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_before_rendering,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
# Whoever knows what stands here in an address may read, change or end what is there.
ADDRESSES_WITH_KEYS = (
    r"(/(?:calendar|blog/preview|media/signed|me/feed|me/notifications/off|comments/confirm|comments/hear/confirm"
    r"|comments/hear/end|accounts/confirm-email|accounts/password/reset/key)/)[^/?\s]+"
    r"|(?i:([?&](?:key|token|code|secret|signature|password)=)[^&\s\"']+)"
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _before_rendering,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer()
                if LOG_FORMAT == "json"
                else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
            ],
        }
    },
    "filters": {"secrets": {"()": "core.logs.Mask", "pattern": ADDRESSES_WITH_KEYS}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Django gives it a handler of its own while developing, which would write each line again, secrets and all.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "uvicorn": {"level": "INFO" if PRODUCTION else "WARNING"},
        "celery": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "django_structlog": {"level": env.level("REQUEST_LOG_LEVEL", "INFO" if PRODUCTION else "WARNING")},
        # while developing, one sentence at the start is enough; in production every failed attempt is worth a line
        "psycopg.pool": {"level": "WARNING" if PRODUCTION else "ERROR"},
    },
}
