"""Output of a command within bounds: its head, its tail, and how much lay between."""

from __future__ import annotations


class HeadTail:
    """Keeps at most *limit* bytes of what is fed, half from either end."""

    def __init__(self, limit: int) -> None:
        self._limit = max(limit, 0)
        self._half = self._limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def feed(self, data: bytes) -> None:
        self.total += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        keep = self._limit - self._half
        if len(self._tail) > 2 * keep + 4096:
            del self._tail[: len(self._tail) - keep]

    def text(self) -> str:
        """Whole lines where there are any; a line in brackets counts the bytes that were cut."""
        if self.total <= self._limit:
            return bytes(self._head + self._tail).decode(errors="replace")
        keep = self._limit - self._half
        head = _to_line_end(bytes(self._head))
        tail = _from_line_start(bytes(self._tail[-keep:]) if keep else b"")
        cut = self.total - len(head) - len(tail)
        between = b"" if head.endswith(b"\n") or not head else b"\n"
        marker = b"[%d bytes cut here]\n" % cut
        return (head + between + marker + tail).decode(errors="replace")


def _to_line_end(data: bytes) -> bytes:
    end = data.rfind(b"\n") + 1
    if end:
        return data[:end]
    return data[: _character_start(data)]


def _from_line_start(data: bytes) -> bytes:
    start = data.find(b"\n") + 1
    if 0 < start < len(data):
        return data[start:]
    start = 0
    while start < min(4, len(data)) and data[start] & 0xC0 == 0x80:
        start += 1
    return data[start:]


def _character_start(data: bytes) -> int:
    """Where to cut *data* so that no UTF-8 character is left in half at its end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0xC0:
            width = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            return len(data) if width <= back else len(data) - back
        if byte & 0x80 == 0:
            break
    return len(data)
