"""Put templates/, migrations/, compiled translations and the front-end files inside the wheel.

An editable install reads them from the checkout instead, so that nothing goes stale.
"""

import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShipDataFolders(BuildHookInterface):  # type: ignore[type-arg]  # generic only in stubs
    """Adds the folders that live beside the package to a built wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend the build with the data folders, except in an editable install."""
        if version == "editable":
            return
        shipped = {"templates": "tenon/templates", "migrations": "tenon/migrations"}
        shipped |= self._compiled_translations()
        if (Path(self.root) / ".vendor").is_dir():
            shipped[".vendor"] = "tenon/vendor"
        build_data["force_include"] |= shipped

    def _compiled_translations(self) -> dict[str, str]:
        """Compile every .po file: where the site is installed its folder may be read-only."""
        package = Path(self.root) / "platform" / "tenon"
        folder = Path(tempfile.mkdtemp(prefix="tenon-mo-"))
        compiled = {}
        for number, source in enumerate(sorted(package.glob("translations/*/*/*/*.po"))):
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parent.parent.name)
            with (folder / f"{number}.mo").open("wb") as file:
                write_mo(file, catalogue)
            target = source.with_suffix(".mo").relative_to(package)
            compiled[str(folder / f"{number}.mo")] = f"tenon/{target.as_posix()}"
        return compiled
