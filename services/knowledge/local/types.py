"""The types of atoms, and the class of what is none."""

from typing import get_args

from shared.contracts.knowledge import AtomType

NOTHING = "nothing"
TYPES: tuple[AtomType, ...] = get_args(AtomType)
CLASSES: tuple[str, ...] = (*TYPES, NOTHING)
