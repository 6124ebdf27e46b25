"""Something between a client and a server on the loopback, for tests of what a network does and for those that listen in."""
import socket
import threading


class Relay:
    """Listens on a free port until close(); each connection is served by serve(client, server) on a thread of its own, and
    both ends are closed when that returns. A server that is gone shows itself as the end of the client's connection."""

    def __init__(self, server_port):
        self.server_port = int(server_port)
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
            threading.Thread(target=self.connected, args=(client,), daemon=True).start()

    def connected(self, client):
        try:
            with client, socket.create_connection(("127.0.0.1", self.server_port)) as server:
                for end in (client, server):  # messages are small, and each waits for the one before
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.serve(client, server)
        except (OSError, EOFError):
            pass

    def serve(self, client, server):
        raise NotImplementedError
