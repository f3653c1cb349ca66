"""The database's settings: the server that DATABASE_URL names, else the embedded one."""

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from expertsite.environment import Environment

POOL = {"min_size": 0, "max_size": 20, "timeout": 10}  # per process; opened on demand

SETTINGS = {"CONN_HEALTH_CHECKS": True}  # after a restart of the server no dead one is handed out


def database(environment: Environment) -> dict[str, Any]:
    """Django's settings of the default database. Raises psycopg.ProgrammingError for a bad URL."""
    if not environment.database_url:
        return {
            "ENGINE": "expertsite.embedded_postgres",
            "NAME": "expertsite",
            "DATA_DIR": environment.expertsite_data_dir,
            **SETTINGS,
            "OPTIONS": {"pool": POOL},
        }
    options = conninfo_to_dict(environment.database_url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname", ""),
        "USER": options.pop("user", ""),
        "PASSWORD": options.pop("password", ""),
        "HOST": options.pop("host", ""),
        "PORT": options.pop("port", ""),
        **SETTINGS,
        "OPTIONS": {"pool": POOL, **options},
    }
