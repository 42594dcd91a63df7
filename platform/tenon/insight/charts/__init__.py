"""Charts that pages and papers draw, each with the table that says the same.

Knows no room's figures and no database: names, values, links in; a table and what draws it out.
"""

from tenon.insight.charts.drawing import KINDS, Chart, Series
from tenon.insight.charts.tiles import region_chart, tiles_of
from tenon.insight.charts.wording import write

__all__ = ["KINDS", "Chart", "Series", "region_chart", "tiles_of", "write"]
