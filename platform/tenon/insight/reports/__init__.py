"""Reports that make themselves: each week, month, quarter and year, for the site and each place."""
