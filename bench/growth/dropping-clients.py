"""
Many clients; each requests a whole file, and the kernel drops the received bytes (MSG_TRUNC) without copying them. So
this side costs very little, and the server is measured. Prints as JSON the seconds until each client had the whole
file: `python3 bench/growth/dropping-clients.py PORT CLIENTS PATH BYTES plain|tls`.
"""

import ctypes
import json
import select
import socket
import ssl
import struct
import sys
import time

port, clients, path, size, way = sys.argv[1:]
recv = ctypes.CDLL(None, use_errno=True).recv
recv.restype = ctypes.c_ssize_t
recv.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
MSG_DONTWAIT = 0x40
MSG_TRUNC = 0x20
BLOCK = 1_048_576
BLOCK_HEADER = 48

payload = json.dumps({"path": path}).encode()
request = b"jangada/1\r\n" + struct.pack(">IB3x", len(payload), 5) + payload
# Over TLS some more comes, which is not waited for.
awaited = int(size) + -(-int(size) // BLOCK) * BLOCK_HEADER
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE

start = time.monotonic()
poll = select.epoll()
left = {}
for _ in range(int(clients)):
    client = socket.create_connection(("127.0.0.1", int(port)))
    if way == "tls":
        client = context.wrap_socket(client)
    client.sendall(request)
    poll.register(client.fileno(), select.EPOLLIN)
    left[client.fileno()] = [client, awaited]

times = []
while left:
    for descriptor, _ in poll.poll():
        client = left[descriptor]
        count = recv(descriptor, None, 1 << 24, MSG_TRUNC | MSG_DONTWAIT)
        if count == 0 or (count < 0 and ctypes.get_errno() != 11):
            sys.exit(f"The server has closed, and {client[1]} bytes were to come")
        client[1] -= max(count, 0)
        if client[1] <= 0:
            times.append(time.monotonic() - start)
            poll.unregister(descriptor)
            client[0].close()
            del left[descriptor]
print(json.dumps(times))
