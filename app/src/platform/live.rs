//! Tells the running servers that something changed, so that open pages ask for it anew. What is told is an id and no data: who may
//! know of it is decided where somebody listens.

use std::time::Duration;

use tokio::sync::{broadcast, mpsc, watch};
use uuid::Uuid;

/// Somebody wrote into a thread of messages, or it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Told {
    pub thread: Uuid,
    /// A note of the staff: the patient's side does not even learn that there is one.
    pub staff_only: bool,
}

/// What whoever listens hears of. `C` is what was told, with what decides who may know of it.
#[derive(Clone, Debug)]
pub enum Heard<C> {
    Change(C),
    /// Something may have been missed: everything is asked for anew.
    Everything,
}

/// So many changes wait for somebody who listens slowly; after that they are told to ask for everything.
const WAITING: usize = 256;
/// How long somebody who listens goes on without being looked up anew: their session, their access.
const BEAT: Duration = Duration::from_secs(20);

/// The way from what changes things to the pages that show them.
#[derive(Clone)]
pub struct Live<C> {
    told: mpsc::UnboundedSender<Told>,
    heard: broadcast::Sender<Heard<C>>,
    stopping: watch::Sender<bool>,
    pub beat: Duration,
}

impl<C: Clone> Live<C> {
    /// And where it arrives what is told.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Told>) {
        let (told, arrives) = mpsc::unbounded_channel();
        (Self { told, heard: broadcast::channel(WAITING).0, stopping: watch::channel(false).0, beat: BEAT }, arrives)
    }

    /// Tells of a change, after it is in the database.
    pub fn tell(&self, told: Told) {
        // Without anybody who carries it on, the server is about to end.
        let _ = self.told.send(told);
    }

    /// Hands something to whoever listens on this server.
    pub fn hand_out(&self, heard: Heard<C>) {
        // Nobody may be listening.
        let _ = self.heard.send(heard);
    }

    pub fn listen(&self) -> (broadcast::Receiver<Heard<C>>, watch::Receiver<bool>) {
        (self.heard.subscribe(), self.stopping.subscribe())
    }

    /// Ends every open stream: the server waits for them before it ends.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }
}
