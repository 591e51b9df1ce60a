"""`[initial]`: one texture, or one for each sublattice by name."""

from collections.abc import Mapping
from typing import Annotated, Any

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Nested
from magjax.config.model import choose
from magjax.config.texture import TEXTURES, AbstractTextureConfig, Texture


class EachTexture(pydantic.RootModel[dict[str, Texture]]):
    """`[initial.NAME]`: a texture for each sublattice."""

    model_config = pydantic.ConfigDict(frozen=True)


def read_initial(value: Any) -> Any:
    """A reader of textures, and of tables of them by sublattice."""
    if isinstance(value, EachTexture):
        return value
    if isinstance(value, Mapping) and value and all(isinstance(each, Mapping) for each in value.values()):
        try:
            return EachTexture.model_validate(dict(value))
        except pydantic.ValidationError as error:
            raise Nested(error) from None
    return choose("texture", lambda: TEXTURES)(value)


#: A texture; of two sublattices it is that of the first, and the second points against it. Or one for each of them.
Initial = Annotated[AbstractTextureConfig | EachTexture, BeforeValidator(read_initial)]
