"""All permissions, one line each; workflow tables say which roles have them in which state.

To find every use of one, search for its name here, in workflow/tables/ and in the views.
"""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """What may be asked of a node (first group) or of a person (second group)."""

    VIEW = "view"  # read the live edition, or enter the container on the public side
    PREVIEW = "preview"  # see the edition at work and its history on the manage side
    ADD = "add"  # put new items into a container
    EDIT = "edit"  # write a draft edition
    ARRANGE = "arrange"  # rename, move, order
    DELETE = "delete"  # put into the trash
    PURGE = "purge"  # destroy what lies in the trash, for good
    STRUCTURE = "structure"  # add, move and delete containers
    CONFIGURE = "configure"  # settings of a container, its workflow tables, open and hide
    ADOPT = "adopt"  # decide what other sites offer to this one, and ask them for texts
    COMPOSE = "compose"  # draft the blocks of a home or topic page
    PRESENT = "present"  # show the public what was drafted so
    GRANT = "grant"  # see and change the rights granted on a node

    AUTHENTICATED = "authenticated"  # any signed-in person, about their own affairs
    PUBLIC = "public"  # anyone: sign-in page, error pages, static files
    SYSTEM = "system"  # duty of the system administrator: accounts, site-wide settings
    SECURITY = "security"  # duty of the security administrator: duties and rights of accounts
    AUDIT = "audit"  # duty of the audit administrator: read the audit log


NODE_PERMISSIONS = (
    Permission.VIEW,
    Permission.PREVIEW,
    Permission.ADD,
    Permission.EDIT,
    Permission.ARRANGE,
    Permission.DELETE,
    Permission.PURGE,
    Permission.STRUCTURE,
    Permission.CONFIGURE,
    Permission.ADOPT,
    Permission.COMPOSE,
    Permission.PRESENT,
    Permission.GRANT,
)

DUTIES = (Permission.SYSTEM, Permission.SECURITY, Permission.AUDIT)
