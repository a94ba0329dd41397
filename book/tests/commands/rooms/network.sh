# A network of two hosts: this one is 10.0.0.11 and 10.0.3.11, the other one is 10.0.0.30 and
# 10.0.3.21. A connection with keepalive stands to port 5672 and one that has carried data to 8080;
# new ones to 10.0.3.21:8080 come several times a second.
ip link set lo up
ip link add eth0 type veth peer name far
unshare --net sleep 600 >/dev/null &
other=$!
# The namespace is there once it is another than ours.
for _ in $(seq 100); do
    [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ] && break
    sleep 0.02
done
ip link set far netns $other
for address in 10.0.0.11 10.0.3.11; do ip addr add $address/24 dev eth0; done
ip link set eth0 up
nsenter --target $other --net sh -c \
    'ip link set lo up; for a in 10.0.0.30 10.0.3.21; do ip addr add $a/24 dev far; done; ip link set far up'
nsenter --target $other --net python3 - >/dev/null <<'PYTHON' &
import selectors, socket
ready = selectors.DefaultSelector()
for address in (("10.0.0.30", 5672), ("10.0.0.30", 8080), ("10.0.3.21", 8080)):
    ready.register(socket.create_server(address), selectors.EVENT_READ, True)
while True:
    for key, _ in ready.select():
        if key.data:
            ready.register(key.fileobj.accept()[0], selectors.EVENT_READ, False)
        elif data := key.fileobj.recv(4096):
            key.fileobj.send(data)
        else:
            ready.unregister(key.fileobj)
            key.fileobj.close()
PYTHON
python3 - >/dev/null <<'PYTHON' &
import socket, time
def to(address):
    for _ in range(100):
        try:
            return socket.create_connection(address, 1)
        except OSError:
            time.sleep(0.05)
alive = to(("10.0.0.30", 5672))
alive.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
alive.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)
used = to(("10.0.0.30", 8080))
used.send(b"x" * 100)
used.recv(4096)
while True:
    short = to(("10.0.3.21", 8080))
    short.send(b"x")
    short.recv(10)
    short.close()
    open("traffic", "w").close()
    time.sleep(0.1)
PYTHON
for _ in $(seq 200); do
    [ -e traffic ] && break
    sleep 0.05
done
