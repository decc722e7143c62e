"""All settings of egov, with their defaults; the ini file overrides them as `egov.<name>`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from egov.base.errors import Invalid
from egov.base.i18n import _


@dataclass(frozen=True)
class Settings:
    """What an office may set; times in minutes, sizes in bytes."""

    session_idle_minutes: int = 30
    session_absolute_minutes: int = 480
    secure_cookies: bool = False
    login_failures: int = 5
    login_lock_minutes: int = 30
    password_history: int = 5
    password_max_days: int = 0
    dormant_days: int = 90
    second_factor_duties: str = ""
    second_factor_roles: str = ""
    password_min_length: int = 10
    password_kinds: int = 3
    leaked_passwords_file: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_scope: str = "openid profile email"
    oidc_claim: str = "preferred_username"
    oidc_title: str = ""
    ldap_uri: str = ""
    ldap_ca_file: str = ""
    ldap_bind_dn: str = ""
    ldap_bind_password: str = ""
    ldap_base: str = ""
    ldap_filter: str = "(uid={id})"
    ldap_subject: str = "entryUUID"
    outside_makes_accounts: bool = False
    audit_forward: str = ""
    scan_command: str = ""
    scan_seconds: int = 30
    media_host: str = ""
    upload_max_bytes: int = 50 * 1024 * 1024
    request_max_bytes: int = 256 * 1024 * 1024
    anonymous_max_bytes: int = 1024 * 1024
    anonymous_posts_per_minute: int = 60
    requests_per_minute: int = 0
    list_page_size: int = 20
    page_cache_mb: int = 64
    search_dir: str = ""
    template_cache_dir: str = ""
    trash_days: int = 90
    link_check_days: int = 0
    link_check_inside: bool = False
    link_check_hosts: str = ""
    jobs_seconds: int = 30
    visits_seconds: int = 900
    slow_request_ms: int = 1000
    metrics_token: str = ""
    upkeep_file: str = ""
    maintenance_file: str = ""
    security_contact: str = ""
    base_url: str = ""
    export_hant: bool = True
    export_server: str = ""
    mail_host: str = ""
    mail_port: int = 25
    mail_username: str = ""
    mail_password: str = ""
    mail_tls: bool = False
    mail_sender: str = ""


# What may stand in a file of its own instead of the ini file: egov.<name>_file names it.
SECRETS = ("oidc_client_secret", "ldap_bind_password", "mail_password", "metrics_token")
_OTHERS = 0o007


def read_settings(source: Mapping[str, object]) -> Settings:
    """Settings from an ini section; raises Invalid for a name that does not exist or a value that does not fit."""
    known = {field.name: field for field in fields(Settings)}
    values: dict[str, int | bool | str] = {}
    for key, raw in source.items():
        if not key.startswith("egov."):
            continue
        name = key.removeprefix("egov.")
        if (secret := name.removesuffix("_file")) in SECRETS and secret != name:
            if f"egov.{secret}" in source:
                raise Invalid(
                    _(
                        "设置 ${key} 与 egov.${name} 只能写一个。",
                        mapping={"key": key, "name": secret},
                    )
                )
            values[secret] = _secret_in(key, str(raw).strip())
            continue
        if name not in known:
            raise Invalid(_("没有名为 ${key} 的设置。", mapping={"key": key}))
        values[name] = _parse(key, str(raw).strip(), str(known[name].type))
    return Settings(**values)  # type: ignore[arg-type]  # each value was parsed by its field's type


def _secret_in(key: str, named: str) -> str:
    """The secret in a file: at a path, or one of the credentials that systemd hands to the service."""
    path = Path(os.environ.get("CREDENTIALS_DIRECTORY", ""), named)
    try:
        mode, text = path.stat().st_mode, path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        names = {"key": key, "path": str(path), "why": type(error).__name__}
        raise Invalid(
            _("设置 ${key} 指的文件 ${path} 不能读取（${why}）。", mapping=names)
        ) from None
    if mode & _OTHERS or not text:
        names = {"key": key, "path": str(path)}
        raise Invalid(
            _(
                "设置 ${key} 指的文件 ${path} 是空的，或者谁都能读；请改为只有 egov 的用户能读。",
                mapping=names,
            )
        )
    return text


def _parse(key: str, raw: str, kind: str) -> int | bool | str:
    if kind == "str":
        return raw
    if kind == "bool" and raw.lower() in {"true", "false"}:
        return raw.lower() == "true"
    if kind == "int" and raw.isascii() and raw.isdigit():
        return int(raw)
    raise Invalid(_("设置 ${key} 的值“${raw}”不合适。", mapping={"key": key, "raw": raw}))
