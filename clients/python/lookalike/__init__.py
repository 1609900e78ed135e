"""A client of the Lookalike image similarity search service."""

from .client import Lookalike
from .collection import Collection, Pair
from .errors import LookalikeError
from .images import Image

__all__ = ["Collection", "Image", "Lookalike", "LookalikeError", "Pair"]
