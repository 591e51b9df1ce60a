"""What a sample is made of: parameters anywhere in space and time, and the sample that resolves them."""

from magjax.material.derived import Derived as Derived
from magjax.material.parameter import Parameter as Parameter
from magjax.material.sample import Sample as Sample
