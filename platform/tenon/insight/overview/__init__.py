"""The page of figures: any measure, over any period, taken apart, as of any day."""
