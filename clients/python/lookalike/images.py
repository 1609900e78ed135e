from __future__ import annotations

import base64
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

Image: TypeAlias = "bytes | PathLike[str]"
"""The bytes of an image file, or its path."""


def bytes_of(image: Image) -> bytes:
    return image if isinstance(image, bytes) else Path(image).read_bytes()


def with_encoded_images(value: Any) -> Any:
    """Replaces images within a body by what the API takes there, `{"data"}` in base64."""
    if isinstance(value, bytes | PathLike):
        return {"data": base64.b64encode(bytes_of(value)).decode()}
    if isinstance(value, dict):
        return {name: with_encoded_images(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        # Vectors are long, and have no images.
        if value and isinstance(value[0], int | float):
            return value
        return [with_encoded_images(item) for item in value]
    return value
