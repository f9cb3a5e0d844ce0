//! A database that is down: every write is refused until it is told to relent, then taken.
//!
//! Just enough HTTP for Telegraf's `outputs.influxdb_v2` without compression; on a port that the kernel
//! gives.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

#[derive(Default)]
struct Shared {
    relents: AtomicBool,
    refused: AtomicUsize,
    got: Mutex<Vec<u8>>,
}

/// The server; its threads end with the process.
pub(crate) struct RefusingServer {
    url: String,
    shared: Arc<Shared>,
}

impl RefusingServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared::default());
        let server = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&server);
                thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { url, shared }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Writes that were refused.
    pub(crate) fn refused(&self) -> usize {
        self.shared.refused.load(Ordering::SeqCst)
    }

    /// From now on every write is taken.
    pub(crate) fn relent(&self) {
        self.shared.relents.store(true, Ordering::SeqCst);
    }

    /// All lines that it took.
    pub(crate) fn got(&self) -> String {
        String::from_utf8(self.shared.got.lock().unwrap().clone()).unwrap()
    }
}

/// Serves one connection to its end.
fn serve(mut stream: &TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut is_chunked = false;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            let header = header.trim().to_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            is_chunked |= header == "transfer-encoding: chunked";
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        if is_chunked {
            body = chunks(&mut reader);
        }
        let answer = if shared.relents.load(Ordering::SeqCst) {
            shared.got.lock().unwrap().extend_from_slice(&body);
            "HTTP/1.1 204 No Content\r\n\r\n"
        } else {
            shared.refused.fetch_add(1, Ordering::SeqCst);
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
        };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn chunks(reader: &mut impl BufRead) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2]; // with its line end
        reader.read_exact(&mut chunk).unwrap();
        body.extend_from_slice(&chunk[..size]);
        if size == 0 {
            return body;
        }
    }
}
