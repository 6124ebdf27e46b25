"""A network that can be cut: a proxy in front of PostgreSQL that knows where a message of its protocol begins and ends, and
ends a connection at one statement. Without TLS, or it would not see the statements."""
import collections
import pathlib
import select
import struct
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from relay import Relay  # noqa: E402

# Where the network goes, seen from the statement.
BEFORE_IT_ARRIVES = "before the statement arrives"
WHILE_IT_WORKS = "after it arrives"
BEFORE_THE_ANSWER = "after the server answers, before the answer arrives"
IN_THE_ANSWER = "in the midst of the answer"
PLACES = [BEFORE_IT_ARRIVES, WHILE_IT_WORKS, BEFORE_THE_ANSWER, IN_THE_ANSWER]

Cut = collections.namedtuple("Cut", "database statement place")  # statement: how its text begins

PROTOCOL_3 = 196608


class CuttingProxy(Relay):
    """One cut at a time: arm() it, and the next statement that it names ends its connection. Later connections pass."""

    def __init__(self, server_port):
        self.cut = None
        self.fired = threading.Event()
        super().__init__(server_port)

    def arm(self, database, statement, place):
        self.fired.clear()
        self.cut = Cut(database, statement, place)

    def serve(self, client, server):
        Connection(self, client, server).run()


class Connection:
    """One client and its server, until either ends or the cut comes."""

    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.sent = b""  # by the client, not a whole message yet
        self.database = None  # not known before the start-up message
        self.place = None  # the cut that this connection waits for

    def run(self):
        while True:
            readable, _, _ = select.select([self.client, self.server], [], [])
            if self.server in readable:
                data = self.server.recv(65536)
                if not data or not self.answered(data):
                    return
            if self.client in readable:
                data = self.client.recv(65536)
                self.sent += data
                if not data or not self.pass_messages():
                    return

    def answered(self, data):
        if self.place == BEFORE_THE_ANSWER:
            return False
        if self.place == IN_THE_ANSWER:
            self.client.sendall(data[:len(data) // 2])
            return False
        self.client.sendall(data)
        return True

    def pass_messages(self):
        """Whole messages of the client, one by one."""
        while (message := self.next_message()) is not None:
            if self.is_cut(message):
                if self.place != BEFORE_IT_ARRIVES:
                    self.server.sendall(message)
                self.proxy.fired.set()
                if self.place in (BEFORE_IT_ARRIVES, WHILE_IT_WORKS):
                    return False
            else:
                self.server.sendall(message)
        return True

    def next_message(self):
        tagged = 0 if self.database is None else 1  # the start-up message has no tag
        if len(self.sent) < tagged + 4:
            return None
        (length,) = struct.unpack("!I", self.sent[tagged:tagged + 4])
        if len(self.sent) < tagged + length:
            return None
        message, self.sent = self.sent[:tagged + length], self.sent[tagged + length:]
        if tagged == 0 and struct.unpack("!I", message[4:8])[0] == PROTOCOL_3:
            fields = message[8:].decode().split("\0")
            self.database = dict(zip(fields[::2], fields[1::2]))["database"]
        return message

    def is_cut(self, message):
        cut = self.proxy.cut
        if cut is None or self.database != cut.database or message[:1] != b"Q":
            return False
        if not message[5:].startswith(cut.statement.encode()):
            return False
        self.proxy.cut, self.place = None, cut.place
        return True
