"""Leaves that import no egov: errors, clock, ids, text, html, i18n, settings, permissions."""
