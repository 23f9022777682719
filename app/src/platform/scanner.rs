//! Asks ClamAV's daemon whether a file is infected, while the file arrives (`INSTREAM` of clamd's protocol).

use std::{path::PathBuf, str::FromStr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};

/// No step takes longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of an answer.
const MOST_ANSWER: u64 = 4096;

/// Where clamd listens: `HOST:PORT`, or `unix:PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Tcp(String),
    Unix(PathBuf),
}

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("unix", path)) if !path.is_empty() => Ok(Address::Unix(path.into())),
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(Address::Tcp(text.to_owned())),
            _ => Err("must look like 127.0.0.1:3310, or unix:/run/clamav/clamd.ctl"),
        }
    }
}

/// The scanner of this portal; without an address nothing is scanned.
#[derive(Clone, Debug, Default)]
pub struct Scanner(pub Option<Address>);

/// What a scanner says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Clean,
    Infected,
    /// Neither: nobody answered, or with an error, such as that the file is too large for the scanner.
    Unknown,
}

trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// A file on its way to the scanner.
pub struct Scan {
    /// Nothing once it has failed.
    connection: Option<Box<dyn Connection>>,
}

impl Scanner {
    /// Begins with a file; nothing where nothing is scanned.
    pub async fn begin(&self) -> Option<Scan> {
        let address = self.0.clone()?;
        let connected = async {
            let mut connection: Box<dyn Connection> = match address {
                Address::Tcp(address) => Box::new(TcpStream::connect(address).await?),
                Address::Unix(path) => Box::new(UnixStream::connect(path).await?),
            };
            connection.write_all(b"zINSTREAM\0").await?;
            Ok::<_, std::io::Error>(connection)
        };
        let connection = timeout(PATIENCE, connected).await.ok().and_then(Result::ok);
        Some(Scan { connection })
    }
}

impl Scan {
    /// The next piece of the file.
    pub async fn feed(&mut self, piece: &[u8]) {
        let (Some(connection), Ok(length)) = (&mut self.connection, u32::try_from(piece.len())) else { return };
        if length == 0 {
            return;
        }
        let sent = async {
            connection.write_all(&length.to_be_bytes()).await?;
            connection.write_all(piece).await
        };
        // A scanner that has seen enough closes its side after its answer, which is read at the end; whoever takes nothing more
        // and says nothing is given up.
        if timeout(PATIENCE, sent).await.is_err() {
            self.connection = None;
        }
    }

    /// The file is whole.
    pub async fn end(mut self) -> Verdict {
        let Some(mut connection) = self.connection.take() else { return Verdict::Unknown };
        let asked = async {
            // What fails here was refused before: the answer says why.
            let _ = connection.write_all(&0u32.to_be_bytes()).await;
            let _ = connection.flush().await;
            let mut answer = Vec::new();
            (&mut connection).take(MOST_ANSWER).read_to_end(&mut answer).await?;
            Ok::<_, std::io::Error>(answer)
        };
        match timeout(PATIENCE, asked).await {
            Ok(Ok(answer)) => verdict(&answer),
            _ => Verdict::Unknown,
        }
    }
}

/// `stream: OK`, `stream: Win.Test.EICAR_HDB-1 FOUND`, `INSTREAM size limit exceeded. ERROR`.
fn verdict(answer: &[u8]) -> Verdict {
    let answer = String::from_utf8_lossy(answer);
    let answer = answer.trim_end_matches(['\0', '\n']);
    if answer.ends_with(" FOUND") {
        Verdict::Infected
    } else if answer == "stream: OK" {
        Verdict::Clean
    } else {
        Verdict::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_scanner_is_neither_clean_nor_infected() {
        assert_eq!(verdict(b"stream: OK\0"), Verdict::Clean);
        assert_eq!(verdict(b"stream: Win.Test.EICAR_HDB-1 FOUND\0"), Verdict::Infected);
        for answer in [&b""[..], b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK but not\0", b"UNKNOWN COMMAND\0"] {
            assert_eq!(verdict(answer), Verdict::Unknown);
        }
    }

    #[test]
    fn addresses() {
        assert_eq!("127.0.0.1:3310".parse(), Ok(Address::Tcp("127.0.0.1:3310".into())));
        assert_eq!("unix:/run/clamd.ctl".parse(), Ok(Address::Unix("/run/clamd.ctl".into())));
        for wrong in ["", "clamd", "unix:", ":3310", "host:port"] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }
}
