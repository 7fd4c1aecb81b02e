"""Files that are written: whole or not at all, and never over what archdsl did not write."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedWriter
from pathlib import Path

from archdsl.marks import HEAD, is_marked
from archdsl.records import record

#: File systems say with these that they do not know what is asked for.
_UNKNOWN = {errno.EINVAL, errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK}


#: A file's bytes, whole or in pieces.
Content = bytes | Sequence[bytes]


class OutputError(Exception):
    """A file cannot be written, or must not be. What was there stays."""

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help


@record
class _Staged:
    """A file that lies beside its target, whole, and has only to take its name."""

    path: str | Path  # as it was asked for
    target: Path
    temporary: Path


def write_text(path: str | Path, text: str, force: bool = False) -> None:
    """Write a text as UTF-8, as `write_bytes` does."""
    write_bytes(path, text.encode("utf-8"), force)


def write_bytes(path: str | Path, data: Content, force: bool = False) -> None:
    """Write a file whole or not at all, as `write_files` does."""
    write_files([(path, data)], force)


def check_target(path: str | Path, force: bool = False, keep: Iterable[Path] = ()) -> None:
    """Ask before work that takes long whether `write_files` would write this file. Raises OutputError."""
    with _told(path):
        _target(Path(path), force, _statuses(keep))


def write_files(
    files: Sequence[tuple[str | Path, Content]], force: bool = False, keep: Iterable[Path] = ()
) -> None:
    """Write each file whole or not at all. Raises OutputError, and then what was there is there still.

    A file that archdsl did not write is replaced only by `force`; a folder, a device or one of `keep` never is. A
    symbolic link is written through: it stays, and the file it leads to is held to the same rules; one that leads
    nowhere is refused. Of several files none takes its name before all of them lie on the disk.

    What is written has first a name of its own beside the target, `.NAME.….archdsl-tmp`. Only a process that is killed
    leaves it there.
    """
    kept = _statuses(keep)
    staged: list[_Staged] = []
    try:
        for path, data in files:
            with _told(path):
                target = _target(Path(path), force, kept)
                temporary = target.with_name(f".{target.name[:50]}.{os.urandom(6).hex()}.archdsl-tmp")
                with temporary.open("xb") as file:
                    staged.append(_Staged(path, target, temporary))
                    _store(file, data)
        for each in staged:
            with _told(each.path):
                _take_name(each, force, kept)
    finally:
        for each in staged:
            with suppress(OSError):
                each.temporary.unlink(missing_ok=True)


@contextmanager
def _told(path: str | Path) -> Iterator[None]:
    """What the system refuses becomes an OutputError."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"`{path}` cannot be written: {reason[:1].lower()}{reason[1:]}") from None
    except ValueError as error:  # a name with a null character
        raise OutputError(f"`{path}` cannot be written: {error}") from None


def _statuses(paths: Iterable[Path]) -> list[os.stat_result]:
    return [status for path in paths if (status := _status(path)) is not None]


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except (OSError, ValueError):
        return None


def _target(path: Path, force: bool, kept: Sequence[os.stat_result]) -> Path:
    """The file to replace or to make. Raises OutputError and OSError."""
    try:
        linked = stat.S_ISLNK(path.lstat().st_mode)
        status = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise OutputError(f"`{path}` is a symbolic link that leads nowhere", "remove the link") from None
        if not path.parent.is_dir():
            raise OutputError(
                f"there is no folder `{path.parent}`", f"make it: mkdir -p {path.parent}"
            ) from None
        return path
    if stat.S_ISDIR(status.st_mode):
        raise OutputError(f"`{path}` is a folder", "name a file in it")
    if not stat.S_ISREG(status.st_mode):
        raise OutputError(f"`{path}` is no regular file", "`-o -` writes to standard output")
    if any(os.path.samestat(status, other) for other in kept):
        raise OutputError(f"`{path}` is read by this command", "`-o` names another file")
    target = path.resolve(strict=True) if linked else path
    if not os.access(target, os.W_OK):
        raise OutputError(f"`{path}` is write-protected")
    if not force and not _is_ours(target):
        raise OutputError(
            f"`{path}` exists and was not written by archdsl",
            "`--force` overwrites it, or it goes to another place",
        )
    return target


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, path.stat().st_size - HEAD))
        return is_marked(head, file.read(HEAD))


def _store(file: BufferedWriter, data: Content) -> None:
    """Write down to the disk: what is full or lost is told here, before anything is replaced."""
    file.writelines((data,) if isinstance(data, bytes) else data)
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise


def _take_name(staged: _Staged, force: bool, kept: Sequence[os.stat_result]) -> None:
    """Let a staged file take its name, in one step: there is no moment at which half a file has it.

    Raises OutputError if meanwhile a file of others has got that name.
    """
    target, temporary = staged.target, staged.temporary
    if not target.exists():
        try:
            os.link(temporary, target)  # unlike `replace`, it fails if there is something now
            return
        except FileExistsError:
            pass
        except OSError as error:
            if error.errno not in _UNKNOWN:
                raise
    if target.exists():
        _target(target, force, kept)
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
    temporary.replace(target)
