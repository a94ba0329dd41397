//! Sockets: which are opened, how many connections are served at once, and how it all ends.

use std::fmt::Write;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use sim_core::Text;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::guard::Reached;
use super::headers;
use super::limits::Limits;
use super::problem::Problem;
use super::stall::Stall;

/// The listening sockets of one port.
pub struct Listeners {
    all: Vec<TcpListener>,
    /// The address to open; the first socket's.
    pub address: SocketAddr,
}

impl Listeners {
    /// Binds the loopback addresses of both families at `port`, 0 for any. A machine without IPv6
    /// gets IPv4 alone.
    ///
    /// # Errors
    /// The IPv4 port cannot be bound.
    pub async fn loopback(port: u16) -> io::Result<Listeners> {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = first.local_addr()?;
        let mut all = vec![first];
        // `localhost` may mean ::1; whoever else holds that port there was not asked for by us.
        all.extend(TcpListener::bind((Ipv6Addr::LOCALHOST, address.port())).await);
        Ok(Listeners { all, address })
    }

    /// Binds one address that others can reach.
    ///
    /// # Errors
    /// It cannot be bound.
    pub async fn at(address: IpAddr, port: u16) -> io::Result<Listeners> {
        let only = TcpListener::bind((address, port)).await?;
        let address = only.local_addr()?;
        Ok(Listeners { all: vec![only], address })
    }

    /// Every bound address.
    ///
    /// # Errors
    /// A socket has none.
    #[cfg(test)]
    pub fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        self.all.iter().map(TcpListener::local_addr).collect()
    }

    /// Serves until `stop` turns true, then lets answers under way finish for [`Limits::drain`].
    pub async fn serve(self, router: Router, limits: &Limits, stop: watch::Receiver<bool>) {
        let room = Room {
            router,
            limits: limits.clone(),
            places: Arc::new(Semaphore::new(limits.connections)),
            refusals: Arc::new(Semaphore::new(limits.refusals)),
            stop,
        };
        let room = Arc::new(room);
        let mut accepting = JoinSet::new();
        for listener in self.all {
            accepting.spawn(Arc::clone(&room).accept(listener));
        }
        while accepting.join_next().await.is_some() {}
        let all = u32::try_from(limits.connections).unwrap_or(u32::MAX);
        let _ = timeout(limits.drain, room.places.acquire_many(all)).await;
    }
}

/// What the connections share.
struct Room {
    router: Router,
    limits: Limits,
    places: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    stop: watch::Receiver<bool>,
}

impl Room {
    async fn accept(self: Arc<Room>, listener: TcpListener) {
        let mut stop = self.stop.clone();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            match accepted {
                Ok((stream, _)) => self.seat(stream),
                // Out of descriptors or memory: waiting lets some connection end; the rest are
                // troubles of one connection that is already gone.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Gives a connection a task of its own, or says that there is no place.
    fn seat(self: &Arc<Room>, stream: TcpStream) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            if let Ok(place) = Arc::clone(&self.refusals).try_acquire_owned() {
                tokio::spawn(async move {
                    let _ = timeout(Duration::from_secs(1), refuse(stream)).await;
                    drop(place);
                });
            }
            return;
        };
        let room = Arc::clone(self);
        tokio::spawn(async move {
            room.connection(stream).await;
            drop(place);
        });
    }

    async fn connection(&self, stream: TcpStream) {
        let Ok(local) = stream.local_addr() else { return };
        let _ = stream.set_nodelay(true);
        let inner = TowerToHyperService::new(self.router.clone());
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Reached(local));
            hyper::service::Service::call(&inner, request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head_time)
            .max_headers(self.limits.head_count)
            .max_header_size(self.limits.head_bytes)
            .max_buf_size(self.limits.head_bytes.max(16 * 1024))
            .serve_connection(TokioIo::new(Stall::new(stream, self.limits.write_stall)), service);
        let mut connection = std::pin::pin!(connection);
        let mut stop = self.stop.clone();
        // What goes wrong on a connection is the client's to notice; the next one is unaffected.
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stop.wait_for(|stop| *stop) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = timeout(self.limits.drain, connection).await;
    }
}

/// Answers without reading the request, then reads what is left of it: closing a socket with
/// unread bytes would take the answer away from the client again.
async fn refuse(mut stream: TcpStream) -> io::Result<()> {
    let message = Text::fixed(
        "연결이 너무 많습니다. 이 워크북을 연 다른 탭을 닫아 주십시오.",
        "Too many connections. Close other tabs that show this workbook.",
    );
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "connections", message);
    let body = problem.json();
    let mut head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\nretry-after: 1\r\n",
        body.len()
    );
    let mut headers = HeaderMap::new();
    headers::stamp(&mut headers);
    for (name, value) in &headers {
        let _ = write!(head, "{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await?;
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
