# A network of its own for the service of chapter 12 and its Redis, which end with it; and an accept queue of
# length 1 that two connections fill, so that those of two more clients wait.
export NSTAT_HISTORY=$PWD/nstat
ip link set lo up
python3 - >/dev/null <<'PYTHON' &
import socket, time
server = socket.socket()
server.bind(("127.0.0.1", 38171))
server.listen(1)
clients = [socket.socket() for _ in range(4)]
for client in clients:
    client.setblocking(False)
    client.connect_ex(("127.0.0.1", 38171))
time.sleep(600)
PYTHON
# Until a SYN has been sent again.
sleep 2
