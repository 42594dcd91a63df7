"""What the engine's guards check, one module a concern; importing this registers them.

Rooms after this one register their own guards in their tasks modules.
"""

from tenon.deals.checks import core, scope

__all__ = ["core", "scope"]
