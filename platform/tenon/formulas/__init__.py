"""The field's arithmetic: royalties, schedules, interest, shares, income, forms side by side.

Pure functions over integers of minor units and exact fractions; knows neither database nor web,
nor what a deal is.
"""
