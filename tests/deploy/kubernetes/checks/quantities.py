"""Kubernetes' quantities: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/."""

import re
from decimal import Decimal

_QUANTITY = re.compile(r"^(\d+(?:\.\d+)?)([EPTGMk]i?|Ki|m)?$")
_DECIMAL = {"m": Decimal("0.001"), "k": Decimal(1000)} | {
    letter: Decimal(1000) ** power for power, letter in enumerate("MGTPE", 2)
}
_BINARY = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)}


def amount(quantity: str | int) -> Decimal:
    """The number that a quantity stands for.

    Raises:
        ValueError: When Kubernetes would refuse it.
    """
    found = _QUANTITY.match(str(quantity))
    if found is None:
        raise ValueError(f"{quantity!r} is no quantity")
    return Decimal(found[1]) * (_DECIMAL | _BINARY).get(found[2] or "", Decimal(1))
