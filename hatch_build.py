"""Put templates/, migrations/ and the front-end files inside the wheel.

An editable install reads them from the checkout instead, so that nothing goes stale.
"""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShipDataFolders(BuildHookInterface):  # type: ignore[type-arg]  # generic only in stubs
    """Adds the folders that live beside the package to a built wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend the build with the data folders, except in an editable install."""
        if version == "editable":
            return
        shipped = {"templates": "tenon/templates", "migrations": "tenon/migrations"}
        if (Path(self.root) / ".vendor").is_dir():
            shipped[".vendor"] = "tenon/vendor"
        build_data["force_include"] |= shipped
