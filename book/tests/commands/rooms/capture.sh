# h.pcap: one HTTP request over the loopback of a network of its own, closed by the server.
ip link set lo up
tcpdump -i lo -nn --immediate-mode -U -w h.pcap 'tcp port 8099' 2>tcpdump.log >/dev/null &
capture=$!
for _ in $(seq 200); do
    grep -q 'listening on' tcpdump.log && break
    sleep 0.05
done
python3 - >/dev/null <<'PYTHON'
import socket, threading, time
server = socket.create_server(("127.0.0.1", 8099))
def answer():
    client, _ = server.accept()
    client.recv(4096)
    time.sleep(0.05)
    client.send(b"HTTP/1.0 200 OK\r\n\r\nhi\n")
    time.sleep(0.05)
    client.close()
thread = threading.Thread(target=answer)
thread.start()
client = socket.create_connection(("127.0.0.1", 8099))
client.send(b"GET / HTTP/1.0\r\n\r\n")
while client.recv(4096):
    pass
time.sleep(0.05)
client.close()
thread.join()
PYTHON
sleep 0.3
kill -INT $capture
wait $capture 2>/dev/null
