"""Figures: fields as colours and arrows, time series, animations.

Nothing global is touched: no style, no backend, no current figure. matplotlib is imported where it is used.
"""
