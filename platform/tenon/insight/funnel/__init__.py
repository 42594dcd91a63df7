"""From a listing to the first payment: how many come how far, and how long it takes."""

from tenon.insight.funnel.counting import DIMENSIONS, Stage, groups, members, stages
from tenon.insight.funnel.paths import STAGES, Path, paths

__all__ = ["DIMENSIONS", "STAGES", "Path", "Stage", "groups", "members", "paths", "stages"]
