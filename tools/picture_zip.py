"""Pictures out of a zip file that anybody may have made.

Nothing is unpacked to the disk, and one picture at a time to the memory. What the file says of itself (sizes, names, kinds) is not
believed: reading stops at a limit, and the kind of a picture is seen from its first bytes.
"""

import io
import posixpath
import zipfile
import zlib

from PIL import Image, UnidentifiedImageError

MAX_BYTES = 128 * 1024**2  # of the zip file
MAX_FILES = 2000
MAX_PICTURE = 20 * 1024**2  # of one picture, unpacked
MAX_UNPACKED = 1024**3  # of all together
MAX_PIXELS = 50_000_000  # as the host allows
FORMATS = ("JPEG", "PNG", "GIF", "BMP")
_KNOWN_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may ask for much memory
_ENTRY = b"PK\x01\x02"  # begins each line of the list of files
_RUBBISH = {"thumbs.db", "desktop.ini", ".ds_store"}
_SPOILT = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class PictureZipError(Exception):
    """The file as a whole is no use; ``kind`` is ``none``, ``large``, ``many``, ``bomb``, ``encrypted`` or ``empty``."""

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


class PictureError(Exception):
    """One picture is no use; ``kind`` is ``type``, ``large`` or ``broken``."""

    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


class PictureZip:
    """The pictures of a zip file.

    :ivar files: [(position in the zip file, name without folders, code)], in the order of the zip file
    """

    def __init__(self, data):
        """
        :param bytes data: the zip file
        :raises PictureZipError: when it is none, too large or made to do harm
        """
        if len(data) > MAX_BYTES:
            raise PictureZipError("large")
        if data.count(_ENTRY) > 2 * MAX_FILES:  # before a list of millions is made of them
            raise PictureZipError("many")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self._members = self._zip.infolist()
        except _SPOILT as error:
            raise PictureZipError("none") from error
        if len(self._members) > MAX_FILES:
            raise PictureZipError("many")
        if sum(member.file_size for member in self._members) > MAX_UNPACKED:
            raise PictureZipError("bomb")
        if any(member.flag_bits & 1 for member in self._members):
            raise PictureZipError("encrypted")
        self.files = []
        for position, member in enumerate(self._members):
            name = posixpath.basename(_readable_name(member).replace("\\", "/"))
            hidden = name.startswith(("._", ".")) or name.lower() in _RUBBISH or member.filename.startswith("__MACOSX/")
            if name and not member.is_dir() and not hidden:
                self.files.append((position, name, posixpath.splitext(name)[0].strip()))
        if not self.files:
            raise PictureZipError("empty")

    def read_picture(self, position):
        """Return one picture after looking at its head.

        :param int position: of :attr:`files`
        :rtype: bytes
        :raises PictureError: when it is no picture, too large or damaged
        """
        if not 0 <= position < len(self._members):
            raise PictureError("broken")
        member = self._members[position]
        if member.compress_type not in _KNOWN_PACKING:
            raise PictureError("broken")
        try:
            with self._zip.open(member) as stream:
                data = stream.read(MAX_PICTURE + 1)
        except _SPOILT as error:
            raise PictureError("broken") from error
        if len(data) > MAX_PICTURE:
            raise PictureError("large")
        check_picture(data)
        return data


def check_picture(data):
    """Look at the head of a picture; its points are not read.

    :param bytes data: the picture
    :raises PictureError: when it is no picture, has too many points or is damaged
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PictureError("large")
            image.verify()
    except UnidentifiedImageError as error:
        raise PictureError("type") from error
    except Image.DecompressionBombError as error:
        raise PictureError("large") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError) as error:
        raise PictureError("broken") from error


def _readable_name(member):
    """The name of a file; without the mark of UTF-8, Windows wrote it in the code page of its country, which is Chinese here."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename
