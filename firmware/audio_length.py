"""Whether a sound file ends before it says. libsndfile plays what is left of such a file without a word.

Each format says it in its own way: WAV, RF64, W64, AIFF and AU in bytes; OGG marks its last page (RFC 3533); an MP3 is
a row of frames that say how long each is, and its first may say how many there are (the Xing header). What a format
does not say, or what is none of these, is let pass here.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO

UNKNOWN_BYTES = (0, 0xFFFFFFFF)  # what a header says that was written before the length was known

_FORMS = {b"RIFF": "<", b"RIFX": ">", b"RF64": "<", b"BW64": "<", b"FORM": ">"}
_SOUND_CHUNKS = (b"data", b"SSND")
_LONGEST_PAGE_BYTES = 27 + 255 + 255 * 255
_LAST_PAGE = 4
_LAYER_III = 1
_KBITS = {  # by MPEG version 1, or 2 and 2.5
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def what_is_missing(path: Path) -> str:
    """What a file lacks of the sound it announces, as the end of a sentence; "" when nothing can be seen to be missing.

    Raises OSError.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(12)
        if head[:4] in _FORMS and len(head) == 12:
            missing = _missing_of_chunks(file, size, _FORMS[head[:4]])
        elif head[:4] in (b".snd", b"dns.") and len(head) == 12:
            start, length = struct.unpack(">II" if head[0] == ord(".") else "<II", head[4:])
            missing = 0 if length in UNKNOWN_BYTES else start + length - size
        elif head[:4] == b"riff":
            missing = _missing_of_w64(file, size)
        elif head[:4] == b"OggS":
            return "" if _has_last_page(file, size) else "its last part is missing"
        else:
            return "" if _has_all_frames(file, size) else "its last part is missing"
    return f"{missing} bytes of its sound are missing" if missing > 0 else ""


def _missing_of_chunks(file: BinaryIO, size: int, order: str) -> int:
    """WAV, RF64 and AIFF: chunks of a name and a length, one of them the sound."""
    long_bytes = 0
    while len(chunk := file.read(8)) == 8:
        length = struct.unpack(order + "I", chunk[4:])[0]
        if chunk[:4] in _SOUND_CHUNKS:
            sound_bytes = long_bytes if length == 0xFFFFFFFF else length
            return 0 if sound_bytes in UNKNOWN_BYTES else int(file.tell() + sound_bytes - size)
        start = file.tell()
        if chunk[:4] == b"ds64":  # RF64's own sizes, in 64 bits: of the file, of the sound
            sizes = file.read(16)
            long_bytes = struct.unpack("<Q", sizes[8:])[0] if len(sizes) == 16 else 0
        file.seek(start + length + length % 2)
    return 0


def _missing_of_w64(file: BinaryIO, size: int) -> int:
    """W64: chunks of sixteen bytes of name and a length that counts these 24 bytes too, each filled up to eight."""
    at = 40
    while True:
        file.seek(at)
        chunk = file.read(24)
        length = struct.unpack("<Q", chunk[16:])[0] if len(chunk) == 24 else 0
        if chunk[:4] == b"data" or length < 24:
            return int(at + length - size) if length > 24 else 0
        at += -(-length // 8) * 8


def _has_last_page(file: BinaryIO, size: int) -> bool:
    """OGG: whether its last page is whole and says that it is the last."""
    file.seek(max(0, size - _LONGEST_PAGE_BYTES))
    tail = file.read()
    page = tail[max(0, tail.rfind(b"OggS")) :]
    if len(page) < 27 or len(page) < 27 + page[26]:
        return False
    length = 27 + page[26] + sum(page[27 : 27 + page[26]])
    return len(page) >= length and bool(page[5] & _LAST_PAGE)


def _has_all_frames(file: BinaryIO, size: int) -> bool:
    """MP3: whether its last frame is whole and there are as many as the first one says, if it does."""
    at, count, announced = _after_tag(file), 0, 0
    while at < size:
        file.seek(at)
        header = file.read(4)
        length = _frame_bytes(header)
        if not length:  # a tag, or no MP3: whatever it is, it is not a frame cut short, but for the first of its bytes
            return not (count and len(header) < 4 and header[0] == 0xFF)
        if not count:
            announced = _announced_frames(file.read(length - 4))
        at, count = at + length, count + 1
    return at == size and count >= announced


def _after_tag(file: BinaryIO) -> int:
    """Where the sound begins: behind an ID3v2 tag, whose length has seven bits to a byte."""
    file.seek(0)
    tag = file.read(10)
    if len(tag) < 10 or tag[:3] != b"ID3":
        return 0
    length = sum((byte & 0x7F) << shift for byte, shift in zip(tag[6:], (21, 14, 7, 0), strict=True))
    return 10 + length + (10 if tag[5] & 0x10 else 0)


def _frame_bytes(header: bytes) -> int:
    """The length of a layer III frame by its first four bytes; 0 where they are not those of one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer, bitrate, rate = header[1] >> 3 & 3, header[1] >> 1 & 3, header[2] >> 4, header[2] >> 2 & 3
    if layer != _LAYER_III or version == 1 or rate == 3 or bitrate in (0, 15):
        return 0
    bits = _KBITS[3 if version == 3 else 2][bitrate] * 1000 * (144 if version == 3 else 72)
    return bits // _RATES_HZ[version][rate] + (header[2] >> 1 & 1)


def _announced_frames(body: bytes) -> int:
    """How many frames there are by a Xing or Info header in the first, itself perhaps counted; 0 if it does not say."""
    at = max(body[:64].find(b"Xing"), body[:64].find(b"Info"))
    if at < 0 or len(body) < at + 12 or not body[at + 7] & 1:
        return 0
    return int.from_bytes(body[at + 8 : at + 12], "big")
