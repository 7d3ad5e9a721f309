"""What a start may be told: PORT, DATA and DEMO, from the environment (make exports its own)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.stack import CHECKOUT, StackError

_FLAGS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True)
class Options:
    """Checked values; `data` is absolute."""

    port: int = 8000
    data: Path = CHECKOUT / "var"
    demo: bool = True


def read(environ: Mapping[str, str]) -> Options:
    """Empty counts as not given. Raises StackError naming the variable that is wrong."""
    return Options(
        port=_port(environ.get("PORT") or "8000"),
        data=_data(environ.get("DATA") or "var"),
        demo=_flag("DEMO", environ.get("DEMO") or "1"),
    )


def _port(value: str) -> int:
    if value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= 65535:
        return int(value)
    raise StackError(f"PORT must be a number from 1 to 65535, not {value!r}.")


def _data(value: str) -> Path:
    if "\n" in value or "\0" in value:
        raise StackError("DATA must be the name of a folder, on one line.")
    try:
        return (CHECKOUT / Path(value).expanduser()).resolve()
    except (OSError, RuntimeError) as error:
        raise StackError(f"DATA cannot be used: {error}") from None


def _flag(name: str, value: str) -> bool:
    if value.lower() not in _FLAGS:
        raise StackError(f"{name} must be 0 or 1, not {value!r}.")
    return _FLAGS[value.lower()]
