"""A client of the Lookalike image similarity search service."""

from .client import Lookalike
from .collection import Collection
from .errors import LookalikeError
from .images import Image

__all__ = ["Collection", "Image", "Lookalike", "LookalikeError"]
