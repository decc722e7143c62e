"""The path of a persistent class is a storage format: a class that moves needs an upgrade step."""

import importlib
import inspect
import pkgutil

from persistent import Persistent

import egov

GOLDEN = {
    "egov.catalog.agenda.Agenda", "egov.catalog.journal.Journal",
    "egov.catalog.index.Catalog", "egov.catalog.stream.Stream",
    "egov.evolve.record.Evolution",
    "egov.features.content.article.Article", "egov.features.content.file.File",
    "egov.features.content.image.Image", "egov.features.content.leader.Leader",
    "egov.features.content.office.Office", "egov.features.content.link.Link",
    "egov.features.content.official_document.OfficialDocument", "egov.features.content.page.Page",
    "egov.features.corrections.register.Correction",
    "egov.features.corrections.register.Corrections",
    "egov.features.readership.register.Readership", "egov.features.readership.register.Tally",
    "egov.history.deeds.StoredDeed", "egov.history.handover.SigningKey",
    "egov.history.audit.AuditLog", "egov.history.audit.Record", "egov.history.audit.Strand",
    "egov.model.arrangement.Arrangement",
    "egov.model.batch.Batch", "egov.model.batch.Batches",
    "egov.model.btrees.DateTree", "egov.model.btrees.HourTree", "egov.model.btrees.LogTree",
    "egov.model.btrees.NameTree", "egov.model.btrees.NoticeTree",
    "egov.model.btrees.SpreadTree", "egov.model.btrees.UidTree",
    "egov.model.container.Container", "egov.model.files.StoredFile", "egov.model.item.Edition",
    "egov.operations.forwarding.Forwarded", "egov.operations.leaving.Handed",
    "egov.model.desk.Desk", "egov.model.desk.Remark", "egov.model.desk.Tasks", "egov.model.notices.Notices",
    "egov.model.kept_forms.KeptForms",
    "egov.model.presence.Presence", "egov.model.reviews.Reviews", "egov.operations.outside.Outside",
    "egov.model.release.Pass", "egov.model.release.Passes",
    "egov.model.release.Release", "egov.model.release.Releases",
    "egov.model.item.Item", "egov.model.ledger.Commission", "egov.model.ledger.Ledger",
    "egov.model.ledger.Offer", "egov.model.node.Node", "egov.model.placement.Placement",
    "egov.model.site.Section", "egov.model.site.SiteGroup", "egov.model.site.Subsite",
    "egov.model.subscriptions.Subscription", "egov.model.subscriptions.Subscriptions",
    "egov.search.guide.Guide", "egov.workflow.office.OfficeTable",
    "egov.security.principals.Directory",
    "egov.security.principals.Group",
    "egov.security.principals.Unit",
    "egov.security.principals.User",
    "egov.security.sessions.Session",
    "egov.security.sessions.Sessions", "egov.security.throttle.Attempts",
}  # fmt: skip


def test_the_persistent_classes_are_where_they_were():
    found = set()
    for module in pkgutil.walk_packages(egov.__path__, "egov."):
        for _name, cls in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            stored = issubclass(cls, Persistent) or cls.__module__ == "egov.model.btrees"
            if stored and cls.__module__.startswith("egov."):
                found.add(f"{cls.__module__}.{cls.__qualname__}")

    assert found == GOLDEN
