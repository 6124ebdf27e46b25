"""A tap on the wire between psql and a PostgreSQL server: passes everything on, and keeps what psql asked, in order.

Protocol 3.0 as PostgreSQL's documentation has it ("Frontend/Backend Protocol"), without TLS."""
import pathlib
import struct
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from relay import Relay  # noqa: E402

PROTOCOL = 196608  # 3.0; other first messages (cancel requests) are passed on and not looked at


class Tap(Relay):
    """`asked` maps an application's name to the sessions that it opened, each a list of [statement, COPY data]."""

    def __init__(self, server_port):
        self.asked = {}
        super().__init__(server_port)

    def serve(self, client, server):
        threading.Thread(target=pass_on, args=(server, client), daemon=True).start()
        self.listen(client.makefile("rb"), server)

    def listen(self, messages, server):
        head = exactly(messages, 4)
        body = exactly(messages, struct.unpack("!I", head)[0] - 4)
        server.sendall(head + body)
        session = []
        if struct.unpack("!I", body[:4])[0] == PROTOCOL:
            parameters = body[4:].split(b"\0")
            names = dict(zip(parameters[::2], parameters[1::2]))
            self.asked.setdefault(names.get(b"application_name", b"").decode(), []).append(session)
        while True:
            kind, length = exactly(messages, 1), exactly(messages, 4)
            body = exactly(messages, struct.unpack("!I", length)[0] - 4)
            if kind == b"Q":
                session.append([body[:-1], None])
            elif kind == b"P":
                session.append([body.split(b"\0")[1], None])
            elif kind == b"d" and session:
                session[-1][1] = (session[-1][1] or b"") + body
            elif kind == b"c" and session:
                session[-1][1] = session[-1][1] or b""
            server.sendall(kind + length + body)


def exactly(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def pass_on(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
