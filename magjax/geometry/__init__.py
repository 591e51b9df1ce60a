"""Shapes and regions: which cells are magnetic, and of what kind they are."""

from magjax.geometry import shapes as shapes
from magjax.geometry.regions import Regions as Regions
from magjax.geometry.shape import AbstractShape as AbstractShape
