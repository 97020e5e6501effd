"""Attacks on the filtering proxy, over real sockets. The name resolves to this machine."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.tools.tls_support import Authority, authority, hello, serving
from tools.sandbox.egress import Egress, Host, Visit, parse
from tools.sandbox.proxy import Patience, Proxy

NAME = "pkg.example"
CIPHER = b"\x14\x03\x03\x00\x01\x01"  # what a client says before it says its first again
SHORT = Patience(request=0.05, connect=5, hello=0.05, idle=0.05)


@dataclass
class Town:
    """A TLS server that echoes, and the proxy in front of it."""

    port: int = 0  # of the server
    proxy_port: int = 0
    proxy: Proxy = field(init=False)
    asked: list[str] = field(default_factory=list)  # names that were resolved
    reached: int = 0  # connections that came to the server
    heard: list[Visit] = field(default_factory=list)

    async def say(self, *pieces: bytes) -> bytes:
        """All that the proxy answers to *pieces*, until it closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.proxy_port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            return await asyncio.wait_for(reader.read(), 10)
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def connect(self, target: str, *after: bytes) -> bytes:
        return await self.say(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode("latin-1"), *after)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tls"), NAME, "other.example")


@asynccontextmanager
async def town(
    signed: Authority,
    *,
    answers: Sequence[Sequence[str]] = (("127.0.0.1",),),
    private: bool = True,
    patience: Patience | None = None,
    kind: type[Proxy] = Proxy,
) -> AsyncIterator[Town]:
    """*answers* of the resolver, one after the other; the last stays."""
    here = Town()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        here.reached += 1
        while received := await reader.read(65536):
            writer.write(received)
            await writer.drain()

    async def resolve(name: str, port: int) -> Sequence[str]:
        here.asked.append(name)
        return answers[min(len(here.asked), len(answers)) - 1]

    async with serving(echo, signed.context) as here.port:
        hosts = (Host(NAME, here.port, private=private), *parse(["*.below.example"], operator=True))
        here.proxy = kind(
            Egress(hosts), resolve=resolve, on_visit=here.heard.append, patience=patience
        )
        with socket.create_server(("127.0.0.1", 0)) as listener:
            here.proxy_port = listener.getsockname()[1]
            async with asyncio.TaskGroup() as tasks:
                served = tasks.create_task(here.proxy.serve(listener))
                try:
                    yield here
                finally:
                    served.cancel()


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_an_allowed_name_is_let_through_and_told(signed: Authority) -> None:
    async with town(signed) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.proxy_port)
        writer.write(f"CONNECT {NAME}:{here.port} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 200 Connection established\r\n\r\n"
        await writer.start_tls(signed.client(), server_hostname=NAME)
        big = os.urandom(2**20)
        writer.write(big)
        assert await reader.readexactly(len(big)) == big
        writer.close()
        await writer.wait_closed()

        assert here.proxy.visits == (Visit(f"{NAME}:{here.port}"),)
        assert here.heard == [Visit(f"{NAME}:{here.port}")]


@pytest.mark.parametrize(
    ("target", "told"),
    [
        pytest.param("evil.example:443", "not among the allowed hosts", id="another name"),
        pytest.param("pkg.example:443", "not among the allowed hosts", id="another port"),
        pytest.param("pkg.example:22", "not among the allowed hosts", id="ssh"),
        pytest.param("below.example:443", "not among the allowed hosts", id="the top of *."),
        pytest.param("xbelow.example:443", "not among the allowed hosts", id="no dot before"),
        pytest.param("127.0.0.1:{port}", "addresses do not count", id="address"),
        pytest.param("127.1:{port}", "addresses do not count", id="short address"),
        pytest.param("2130706433:{port}", "addresses do not count", id="address as a number"),
        pytest.param("0x7f000001:{port}", "addresses do not count", id="address in hex"),
        pytest.param("[::1]:{port}", "malformed", id="IPv6 address"),
        pytest.param("::1:{port}", "malformed", id="IPv6 address without brackets"),
        pytest.param("pkg.example@evil.example:443", "malformed", id="userinfo"),
        pytest.param("evil.example:443@pkg.example:{port}", "malformed", id="userinfo with port"),
        pytest.param("pkg.example", "malformed", id="no port"),
        pytest.param("pkg.example:", "malformed", id="empty port"),
        pytest.param("pkg.example:0x1bb", "malformed", id="port in hex"),
        pytest.param("pkg.example:99999", "no port", id="port too high"),
        pytest.param("pkg.example:{port}/", "malformed", id="path"),
        pytest.param("https://pkg.example:{port}", "malformed", id="address of a page"),
        pytest.param("pkg.example..:{port}", "no host name", id="two dots at the end"),
        pytest.param("pkg.example%00.evil.example:443", "no host name", id="encoded NUL"),
        pytest.param("pkg.example\0.evil.example:443", "malformed", id="NUL"),
        pytest.param("pkg.ex\xe4mple:{port}", "malformed", id="not ASCII"),
        pytest.param("pkg。example:{port}".encode().decode("latin-1"), "malformed", id="wide dot"),
        pytest.param("xn--pkg-example:443", "not among the allowed hosts", id="punycode"),
        pytest.param(" pkg.example:{port}", "malformed", id="blank before"),
        pytest.param("pkg.example:{port} HTTP/1.1\r\nX", "malformed", id="line in the target"),
    ],
)
async def test_targets_that_are_refused(signed: Authority, target: str, told: str) -> None:
    async with town(signed) as here:
        answer = await here.connect(target.format(port=here.port), hello(NAME))

        assert answer.startswith(b"HTTP/1.1 40"), answer
        assert told in answer.decode()
        assert (here.asked, here.reached) == ([], 0)
        assert [visit.allowed for visit in here.proxy.visits] == [False]
        assert here.heard[0].why in answer.decode()


@pytest.mark.parametrize("target", ["PKG.Example", "pkg.example."])
async def test_case_and_one_trailing_dot_are_the_same_name(signed: Authority, target: str) -> None:
    async with town(signed) as here:
        answer = await here.connect(f"{target}:{here.port}", hello("evil.example"))

        assert answer == b"HTTP/1.1 200 Connection established\r\n\r\n"
        assert here.asked == [NAME]


@pytest.mark.parametrize(
    ("head", "told"),
    [
        pytest.param(b"GET http://pkg.example/ HTTP/1.1\r\n\r\n", b"405", id="plain http"),
        pytest.param(
            b"GET https://pkg.example/ HTTP/1.1\r\n\r\n", b"405", id="https asked plainly"
        ),
        pytest.param(b"POST / HTTP/1.1\r\n\r\n", b"405", id="no proxy request"),
        pytest.param(b"connect {t} HTTP/1.1\r\n\r\n", b"400", id="lower case"),
        pytest.param(b"CONNECT {t} HTTP/2.0\r\n\r\n", b"400", id="another version"),
        pytest.param(b"CONNECT {t}\r\n\r\n", b"400", id="no version"),
        pytest.param(b"CONNECT  {t} HTTP/1.1\r\n\r\n", b"400", id="two blanks"),
        pytest.param(b"CONNECT\t{t} HTTP/1.1\r\n\r\n", b"400", id="tab"),
        pytest.param(b"CONNECT {t} HTTP/1.1\nX: y\r\n\r\n", b"400", id="bare newline"),
        pytest.param(b"CONNECT {t} HTTP/1.1\rX: y\r\n\r\n", b"400", id="bare return"),
        pytest.param(b"\r\nCONNECT {t} HTTP/1.1\r\n\r\n", b"400", id="empty line before"),
        pytest.param(b"CONNECT {t} HTTP/1.1\r\nX y\r\n\r\n", b"400", id="no colon"),
        pytest.param(b"CONNECT {t} HTTP/1.1\r\nX : y\r\n\r\n", b"400", id="blank before colon"),
        pytest.param(b"CONNECT {t} HTTP/1.1\r\nX: y\r\n z\r\n\r\n", b"400", id="folded header"),
        pytest.param(b"CONNECT {t} HTTP/1.1\r\nX: \0\r\n\r\n", b"400", id="NUL in a header"),
        pytest.param(
            b"CONNECT {t} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400", id="chunked"
        ),
        pytest.param(b"CONNECT {t} HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde", b"400", id="body"),
        pytest.param(
            b"CONNECT {t} HTTP/1.1\r\nX: " + b"y" * 9000 + b"\r\n\r\n", b"400", id="huge header"
        ),
        pytest.param(b"CONNECT " + b"x" * 100_000, b"400", id="endless line"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400", id="TLS to the proxy"),
        pytest.param(b"\x05\x01\x00\r\n\r\n", b"400", id="SOCKS"),
    ],
)
async def test_requests_that_are_refused(signed: Authority, head: bytes, told: bytes) -> None:
    async with town(signed) as here:
        answer = await here.say(head.replace(b"{t}", f"{NAME}:{here.port}".encode()), hello(NAME))

        assert answer.startswith(b"HTTP/1.1 " + told), answer
        assert (here.asked, here.reached) == ([], 0)


async def test_a_plain_request_is_told_with_its_host(signed: Authority) -> None:
    async with town(signed) as here:
        await here.say(b"GET http://me:word@Evil.example:81/?secret HTTP/1.1\r\n\r\n")

        assert here.heard[0].target == "evil.example:81"


async def test_a_second_request_behind_a_refused_one_is_never_read(signed: Authority) -> None:
    async with town(signed) as here:
        second = f"CONNECT {NAME}:{here.port} HTTP/1.1\r\n\r\n".encode()
        answer = await here.connect("evil.example:443", second, hello(NAME))

        assert answer.count(b"HTTP/1.1") == 1
        assert here.reached == 0


async def test_a_second_request_behind_an_allowed_one_is_no_request(signed: Authority) -> None:
    """It is the beginning of the tunnel, and no TLS."""
    async with town(signed) as here:
        answer = await here.connect(
            f"{NAME}:{here.port}", b"CONNECT evil.example:443 HTTP/1.1\r\n\r\n"
        )

        assert answer == b"HTTP/1.1 200 Connection established\r\n\r\n"
        assert [visit.why for visit in here.proxy.visits] == ["no TLS; only https goes through"]


@pytest.mark.parametrize(
    ("first", "told"),
    [
        pytest.param(hello("other.example"), "another name", id="another name"),
        pytest.param(hello(None), "names no server", id="no name"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: pkg.example\r\n\r\n", "no TLS", id="http"),
    ],
)
async def test_a_tunnel_is_for_tls_to_the_same_name(
    signed: Authority, first: bytes, told: str
) -> None:
    """The server behind the address serves both names: only the peek keeps them apart."""
    async with town(signed) as here:
        answer = await here.connect(f"{NAME}:{here.port}", first)

        assert answer == b"HTTP/1.1 200 Connection established\r\n\r\n"
        assert [told in visit.why for visit in here.proxy.visits] == [True]


class Trusting(Proxy):
    """Without the look at first messages."""

    async def _hello(
        self, client: socket.socket, name: str, target: str, early: bytes
    ) -> tuple[bytes, bytes]:
        return b"", early

    def _watched(self, name: str) -> Callable[[bytes], bytes]:
        return bytes


async def test_without_the_look_another_name_of_the_server_is_reached(signed: Authority) -> None:
    async with town(signed, kind=Trusting) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.proxy_port)
        writer.write(f"CONNECT {NAME}:{here.port} HTTP/1.1\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        await writer.start_tls(signed.client(), server_hostname="other.example")
        writer.write(b"hidden")
        assert await reader.readexactly(6) == b"hidden"
        writer.close()
        await writer.wait_closed()


async def test_a_client_that_is_asked_again_may_not_change_its_mind(tmp_path: Path) -> None:
    """The server of a HelloRetryRequest would take the second message's name."""
    received = bytearray()

    async def ask_again(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend(await reader.readexactly(len(hello(NAME))))
        writer.write(b"again")
        await writer.drain()
        received.extend(await reader.read())

    async def resolve(name: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async def attempt(second: bytes) -> tuple[str, ...]:
        received.clear()
        proxy = Proxy(Egress((Host(NAME, port, private=True),)), resolve=resolve, patience=SHORT)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            async with asyncio.TaskGroup() as tasks:
                served = tasks.create_task(proxy.serve(listener))
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                writer.write(f"CONNECT {NAME}:{port} HTTP/1.1\r\n\r\n".encode() + hello(NAME))
                await reader.readuntil(b"again")
                writer.write(CIPHER + second)
                await asyncio.wait_for(reader.read(), 10)
                writer.close()
                served.cancel()
        return tuple(visit.why for visit in proxy.visits)

    async with serving(ask_again, None) as port:
        second = hello(NAME)
        same = await attempt(second)
        assert bytes(received).endswith(CIPHER + second)
        other = await attempt(hello("other.example"))

    assert same == ("",)
    assert other == ("", "asks TLS for another name than CONNECT")
    assert b"other.example" not in received


async def test_bytes_right_behind_the_request_are_looked_at_too(signed: Authority) -> None:
    async with town(signed) as here:
        head = f"CONNECT {NAME}:{here.port} HTTP/1.1\r\n\r\n".encode()
        answer = await here.say(head + hello("other.example"))

        assert answer == b"HTTP/1.1 200 Connection established\r\n\r\n"
        assert "another name" in here.proxy.visits[0].why


@pytest.mark.parametrize(
    ("addresses", "private"),
    [
        pytest.param(["127.0.0.1"], False, id="this machine"),
        pytest.param(["10.1.2.3", "192.168.1.1"], False, id="private network"),
        pytest.param(["::ffff:127.0.0.1"], False, id="mapped"),
        pytest.param(["169.254.169.254"], True, id="credentials of a cloud, though private"),
        pytest.param(["0.0.0.0"], True, id="any address, though private"),
        pytest.param([], True, id="none"),
    ],
)
async def test_a_public_name_leads_to_no_private_address(
    signed: Authority, addresses: list[str], private: bool
) -> None:
    async with town(signed, answers=[addresses], private=private) as here:
        answer = await here.connect(f"{NAME}:{here.port}", hello(NAME))

        assert answer.startswith(b"HTTP/1.1 403")
        assert b"public address" in answer
        assert (b"FOREMAN_ALLOWED_HOSTS" in answer) is not private
        assert here.reached == 0


async def test_a_name_is_resolved_once(signed: Authority) -> None:
    """A second answer, after the first one was judged, would be another host."""
    async with town(signed, answers=[["127.0.0.1"], ["169.254.169.254"]], patience=SHORT) as here:
        answer = await here.connect(f"{NAME}:{here.port}", hello(NAME))

        assert answer.startswith(b"HTTP/1.1 200")
        assert here.asked == [NAME]


async def test_an_address_that_does_not_answer_is_left_for_the_next(signed: Authority) -> None:
    async with town(signed, answers=[["::1", "127.0.0.1"]], patience=SHORT) as here:
        answer = await here.connect(f"{NAME}:{here.port}", hello(NAME)[:20])

        assert answer.startswith(b"HTTP/1.1 200")


async def test_a_host_that_is_away_is_told(signed: Authority) -> None:
    async with town(signed, answers=[["::1"]]) as here:
        answer = await here.connect(f"{NAME}:{here.port}")

        assert answer.startswith(b"HTTP/1.1 502")
        assert "allowed, but could not be reached" in here.proxy.visits[0].why


async def test_a_request_that_never_ends_is_given_up(signed: Authority) -> None:
    async with town(signed, patience=SHORT) as here:
        answer = await here.say(b"CONNECT pkg")

        assert b"sent no whole request in time" in answer


async def test_a_request_byte_by_byte_is_given_up(signed: Authority) -> None:
    """Each byte keeps a limit between bytes alive; the limit is on the whole."""
    async with town(signed, patience=SHORT) as here:
        reader, writer = await asyncio.open_connection("127.0.0.1", here.proxy_port)

        async def drip() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.01)

        async with asyncio.TaskGroup() as tasks:
            dripping = tasks.create_task(drip())
            answer = await asyncio.wait_for(reader.read(), 10)
            dripping.cancel()
        writer.close()

        assert answer.startswith(b"HTTP/1.1 400")


async def test_a_tunnel_without_tls_is_given_up(signed: Authority) -> None:
    async with town(signed, patience=SHORT) as here:
        answer = await here.connect(f"{NAME}:{here.port}", hello(NAME)[:20])

        assert answer.startswith(b"HTTP/1.1 200")
        assert here.proxy.visits[0].why == "sent no TLS in time"


async def test_a_tunnel_in_which_nothing_moves_is_closed(signed: Authority) -> None:
    patience = Patience(idle=0.05)
    async with town(signed, patience=patience) as here:
        answer = await here.connect(f"{NAME}:{here.port}", hello(NAME))

        assert answer.startswith(b"HTTP/1.1 200")
        assert here.proxy.visits[0].allowed


async def test_a_client_that_half_closes_still_gets_its_answer(tmp_path: Path) -> None:
    """The end of one way is passed on; what comes the other way after it arrives."""
    ended = asyncio.Event()

    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()
        writer.write(b"after the end")
        await writer.drain()

    async def resolve(name: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with serving(late, None) as port:
        proxy = Proxy(Egress((Host(NAME, port, private=True),)), resolve=resolve)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            async with asyncio.TaskGroup() as tasks:
                served = tasks.create_task(proxy.serve(listener))
                reader, writer = await asyncio.open_connection(*listener.getsockname())
                writer.write(f"CONNECT {NAME}:{port} HTTP/1.1\r\n\r\n".encode() + hello(NAME))
                writer.write_eof()
                answer = await asyncio.wait_for(reader.read(), 10)
                writer.close()
                served.cancel()

    assert ended.is_set()
    assert answer.endswith(b"\r\n\r\nafter the end")


async def test_many_connections_at_once_all_end(signed: Authority) -> None:
    async with town(signed) as here:
        answers = await asyncio.gather(*(here.connect("evil.example:443") for _ in range(200)))

        assert {answer[:12] for answer in answers} == {b"HTTP/1.1 403"}
        assert here.proxy.visits == (
            Visit("evil.example:443", "not among the allowed hosts", times=200),
        )
        assert len(here.heard) == 1


async def test_a_flood_of_names_is_not_kept_apart(signed: Authority) -> None:
    async with town(signed) as here:
        await asyncio.gather(*(here.connect(f"h{n}.example:443") for n in range(150)))

        assert len(here.proxy.visits) == 101
        assert sum(visit.times for visit in here.proxy.visits) == 150
        assert here.proxy.visits[-1].why == "further targets, not kept apart"


async def test_the_end_of_the_proxy_ends_its_tunnels_and_leaves_no_descriptor(
    signed: Authority,
) -> None:
    async def attempt() -> None:
        async with town(signed) as here:
            reader, writer = await asyncio.open_connection("127.0.0.1", here.proxy_port)
            writer.write(f"CONNECT {NAME}:{here.port} HTTP/1.1\r\n\r\n".encode() + hello(NAME))
            await reader.readuntil(b"\r\n\r\n")
            await reader.read(1)  # of the server's answer: the tunnel stands
        with contextlib.suppress(ConnectionError):
            await asyncio.wait_for(reader.read(), 10)
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    await attempt()
    gc.collect()
    before = open_descriptors()
    await attempt()
    gc.collect()
    assert open_descriptors() <= before
