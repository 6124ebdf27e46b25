"""A tap on the wire between psql and a PostgreSQL server: passes everything on, and keeps what psql asked, in order.

Protocol 3.0 as PostgreSQL's documentation has it ("Frontend/Backend Protocol"), without TLS."""
import socket
import struct
import threading

PROTOCOL = 196608  # 3.0; other first messages (cancel requests) are passed on and not looked at


class Tap:
    """`asked` maps an application's name to the sessions that it opened, each a list of [statement, COPY data]."""

    def __init__(self, server_port):
        self.server_port = server_port
        self.asked = {}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with client, socket.create_connection(("127.0.0.1", self.server_port)) as server:
            threading.Thread(target=pass_on, args=(server, client), daemon=True).start()
            try:
                self.listen(client.makefile("rb"), server)
            except (OSError, EOFError):
                pass

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
