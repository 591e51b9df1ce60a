"""Closed forms: they know constants only, so that they can judge everything above them."""
