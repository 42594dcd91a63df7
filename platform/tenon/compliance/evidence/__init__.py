"""The evidence pack for duty exemption (尽职免责): who did what when, provable without the site."""

from tenon.compliance.evidence.content import gather
from tenon.compliance.evidence.packing import MANIFEST, Pack, build, check, issue

__all__ = ["MANIFEST", "Pack", "build", "check", "gather", "issue"]
