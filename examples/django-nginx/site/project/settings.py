"""Everything that differs between environments is told by the instance's environment, which user data writes."""

import os
import re
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "*").split(",")
DEBUG = False


def release(path=Path("/etc/bake-release")):
    """The release that bake has written into the image."""
    try:
        found = re.search(r"^BAKE_RELEASE=(\S+)", path.read_text(), re.MULTILINE)
    except FileNotFoundError:
        found = None
    return found[1] if found else "unknown"


RELEASE = release()


def database(environment):
    """Managed PostgreSQL where DB_HOST names it; else a file (tests, the rehearsal on the local cloud)."""
    if environment.get("DB_HOST"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": environment["DB_HOST"],
            "PORT": environment.get("DB_PORT", "5432"),
            "NAME": environment.get("DB_NAME", "guestbook"),
            "USER": environment.get("DB_USER", "guestbook"),
            "PASSWORD": environment["DB_PASSWORD"],
            "CONN_MAX_AGE": 60,
            "OPTIONS": {"connect_timeout": 3, "sslmode": environment.get("DB_SSLMODE", "require")},
        }
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": environment.get("DB_FILE", str(BASE_DIR / "db.sqlite3"))}


DATABASES = {"default": database(os.environ)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.staticfiles", "guestbook"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("STATIC_ROOT", str(BASE_DIR / "static"))
# Nginx tells whether the visitor came by HTTPS.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
