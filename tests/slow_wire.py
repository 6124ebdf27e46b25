"""A wire that takes its time: passes bytes on, each half a round trip later, and counts round trips.

A round trip is counted whenever the client speaks after the server said that it is ready: what a program would wait for on
a real network, the opening of the TCP connection, passwords and the goodbye apart. What the client says while an answer is
still arriving it did not wait to say, in however many parts the answer comes. Each connection has its own count, in the
order of their opening."""
import queue
import socket
import threading
import time

from relay import Relay

GOODBYE = b"X\0\0\0\4"  # PostgreSQL's Terminate: nobody waits for an answer
READY = b"Z\0\0\0\5"  # ReadyForQuery, whose last byte is the state of the transaction


class SlowWire(Relay):
    def __init__(self, server_port, round_trip_ms):
        self.half_s = round_trip_ms / 2000
        self.round_trips = []
        self.opening = threading.Lock()
        super().__init__(server_port)

    def serve(self, client, server):
        answer = {"end": READY + b"I"}  # of what the server said since the client spoke
        with self.opening:
            number = len(self.round_trips)
            self.round_trips.append(0)
        deliveries = []
        for source, sink, who in ((client, server, "client"), (server, client, "server")):
            under_way = queue.Queue()
            threading.Thread(target=self.read, args=(source, under_way, who, answer, number), daemon=True).start()
            deliveries.append(threading.Thread(target=self.deliver, args=(sink, under_way), daemon=True))
            deliveries[-1].start()
        for delivery in deliveries:
            delivery.join()

    def read(self, source, under_way, who, answer, number):
        while True:
            try:
                data = source.recv(1 << 16)
            except OSError:
                data = b""
            if who == "server":
                answer["end"] = (answer["end"] + data)[-len(READY) - 1:]
            elif data and data != GOODBYE and answer["end"].startswith(READY):
                self.round_trips[number] += 1
                answer["end"] = b""
            under_way.put((time.monotonic() + self.half_s, data))
            if not data:
                return

    def deliver(self, sink, under_way):
        while self.one_delivered(sink, under_way):
            pass

    def one_delivered(self, sink, under_way):
        due, data = under_way.get()
        if (left := due - time.monotonic()) > 0:
            time.sleep(left)
        try:
            if data:
                sink.sendall(data)
            else:
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return bool(data)
