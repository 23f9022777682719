//! Takes files to a message as they arrive: judged by their content, scanned, pictures made anew, everything sealed piece by piece.

use multer::Field;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    entity::{message_file, message_file_chunk},
    file_kind::{FileKind, is_control, name},
    files::{PIECE, piece, unsent, write_piece},
    model::{FILE_BYTES, FILES, FileState, Place},
};
use crate::{
    access::{Connection, Grant, policy::WriteMessages},
    base::{
        error::Error,
        ids::{PatientId, new_id},
        payment_card::without_numbers,
    },
    platform::{
        picture,
        request::context,
        scanner::{Scan, Scanner, Verdict},
        secret::Secret,
        throttle::limit,
    },
};

/// So many files of one account in a window of the throttle.
const PER_ACCOUNT: i32 = 60;
/// Takes one file of a form as it arrives, for the message that is being written, `beside` its other files; nothing where an input has no
/// file. What is refused is kept by its name alone, so that the page can say why.
///
/// # Errors
/// `NotFound` when the form breaks off; `TooManyTries`.
pub async fn attach(
    grant: &Grant<WriteMessages>,
    at: Place,
    field: &mut Field<'_>,
    beside: &[Uuid],
) -> Result<Option<(Uuid, FileState)>, Error> {
    let (db, account) = (grant.db(), grant.holder()?.account);
    let sent_name = without_numbers(field.file_name().unwrap_or_default()).into_owned();
    let first = next_piece(field).await?;
    // An input without a file sends an empty one without a name.
    if sent_name.is_empty() && first.is_none() {
        return Ok(None);
    }
    limit(db, &format!("message-file:{account}"), PER_ACCOUNT).await?;
    let row = message_file::Model {
        id: new_id(),
        message_id: None,
        account_id: account.0,
        patient_id: at.patient.0,
        thread_id: at.thread,
        name: name(&sent_name, None),
        media_type: String::new(),
        size: 0,
        sha256: String::new(),
        state: FileState::Arriving,
        scanned: false,
        added_at: grant.now().instant,
    };
    let (id, is_full) = (row.id, beside.len() >= FILES);
    message_file::Entity::insert(message_file::ActiveModel::from(row.clone())).exec_without_returning(db).await?;
    let mut file = Arriving {
        db,
        secret: context()?,
        row,
        number: 0,
        waiting: Vec::new(),
        hash: Sha256::new(),
        came: 0,
        kind: None,
        tail: Vec::new(),
        beside,
    };
    let state = if is_full { FileState::TooMany } else { file.take(field, first).await? };
    Ok(Some((id, file.end(state).await?)))
}

/// The next bytes of a file; nothing at its end.
async fn next_piece(field: &mut Field<'_>) -> Result<Option<Vec<u8>>, Error> {
    loop {
        match field.chunk().await.map_err(|_| Error::NotFound)? {
            Some(piece) if piece.is_empty() => {}
            piece => return Ok(piece.map(|piece| piece.to_vec())),
        }
    }
}

/// A file that is on its way.
struct Arriving<'a> {
    db: &'a Connection,
    secret: Secret,
    row: message_file::Model,
    /// Of the next piece.
    number: i32,
    /// What came and is not written; of a picture everything.
    waiting: Vec<u8>,
    hash: Sha256,
    came: usize,
    kind: Option<FileKind>,
    /// The beginning of a letter whose other bytes come with the next piece.
    tail: Vec<u8>,
    /// The other files of the message.
    beside: &'a [Uuid],
}

impl Arriving<'_> {
    async fn take(&mut self, field: &mut Field<'_>, first: Option<Vec<u8>>) -> Result<FileState, Error> {
        let Some(mut first) = first else { return Ok(FileState::Empty) };
        // The kind stands in the first bytes, which may come one by one.
        while first.len() < 12 {
            match next_piece(field).await? {
                Some(more) => first.extend(more),
                None => break,
            }
        }
        self.kind = FileKind::of(&first);
        if self.kind.is_none() {
            return Ok(FileState::Kind);
        }
        let mut scan = context::<Scanner>()?.begin().await;
        let mut next = Some(first);
        while let Some(piece) = next {
            self.came += piece.len();
            if self.came > FILE_BYTES {
                return Ok(FileState::TooLarge);
            }
            if self.kind == Some(FileKind::Text) && !self.is_text(&piece) {
                return Ok(FileState::Kind);
            }
            self.hash.update(&piece);
            if let Some(scan) = &mut scan {
                scan.feed(&piece).await;
            }
            self.waiting.extend(piece);
            while self.kind != Some(FileKind::Picture) && self.waiting.len() >= PIECE {
                let rest = self.waiting.split_off(PIECE);
                let full = std::mem::replace(&mut self.waiting, rest);
                self.write(&full).await?;
            }
            next = next_piece(field).await?;
        }
        if !self.tail.is_empty() {
            return Ok(FileState::Kind);
        }
        self.row.sha256 = self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let same = unsent(self.row.account_id, self.place())
            .add(message_file::Column::Sha256.eq(&*self.row.sha256))
            .add(message_file::Column::Id.is_in(self.beside.iter().copied()));
        if message_file::Entity::find().filter(same).count(self.db).await? > 0 {
            return Ok(FileState::Twice);
        }
        let state = verdict(scan).await;
        self.row.scanned = state == Some(FileState::Ready);
        let state = state.unwrap_or(FileState::Ready);
        if !state.is_kept() {
            return Ok(state);
        }
        if self.kind == Some(FileKind::Picture) {
            let Some(anew) = picture::made_anew(std::mem::take(&mut self.waiting)).await? else { return Ok(FileState::Kind) };
            self.waiting = anew;
        }
        let rest = std::mem::take(&mut self.waiting);
        for piece in rest.chunks(PIECE) {
            self.write(piece).await?;
        }
        Ok(state)
    }

    /// Whether these bytes go on as text in UTF-8.
    fn is_text(&mut self, piece: &[u8]) -> bool {
        if piece.iter().any(|byte| is_control(*byte)) {
            return false;
        }
        self.tail.extend(piece);
        match std::str::from_utf8(&self.tail) {
            Ok(_) => self.tail.clear(),
            Err(error) if error.error_len().is_none() => drop(self.tail.drain(..error.valid_up_to())),
            Err(_) => return false,
        }
        true
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        write_piece(self.db, &self.secret, self.row.id, self.number, bytes).await?;
        self.number += 1;
        self.row.size += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        Ok(())
    }

    fn place(&self) -> Place {
        Place { patient: PatientId(self.row.patient_id), thread: self.row.thread_id }
    }

    /// Writes down what became of it; of what is refused, no piece stays.
    async fn end(mut self, state: FileState) -> Result<FileState, Error> {
        self.row.state = state;
        if state.is_kept() {
            self.row.name = name(&self.row.name, self.kind);
            self.row.media_type = self.kind.map_or("", FileKind::media_type).to_owned();
        } else {
            message_file_chunk::Entity::delete_many().filter(message_file_chunk::Column::FileId.eq(self.row.id)).exec(self.db).await?;
            self.row.size = 0;
        }
        let row = message_file::ActiveModel {
            name: Set(self.row.name),
            media_type: Set(self.row.media_type),
            size: Set(self.row.size),
            sha256: Set(self.row.sha256),
            state: Set(state),
            scanned: Set(self.row.scanned),
            ..Default::default()
        };
        message_file::Entity::update_many().set(row).filter(message_file::Column::Id.eq(self.row.id)).exec(self.db).await?;
        Ok(state)
    }
}

/// What a scan leads to; nothing where nothing is scanned.
async fn verdict(scan: Option<Scan>) -> Option<FileState> {
    match scan?.end().await {
        Verdict::Clean => Some(FileState::Ready),
        Verdict::Infected => Some(FileState::Infected),
        Verdict::Unknown => Some(FileState::NotScanned),
    }
}

/// Scans what could not be scanned before.
///
/// # Errors
/// When the database fails.
pub async fn scan_again(grant: &Grant<WriteMessages>, at: Place, files: &[Uuid]) -> Result<(), Error> {
    let (db, account, secret) = (grant.db(), grant.holder()?.account.0, context::<Secret>()?);
    let these = unsent(account, at).add(message_file::Column::Id.is_in(files.iter().copied()));
    let waiting = message_file::Entity::find().filter(these).filter(message_file::Column::State.eq(FileState::NotScanned));
    for file in waiting.all(db).await? {
        // Without a scanner it stays as it is: nobody can say that it is clean.
        let Some(mut scan) = context::<Scanner>()?.begin().await else { continue };
        for number in 0.. {
            match piece(db, &secret, file.id, number).await? {
                Some(piece) => scan.feed(&piece).await,
                None => break,
            }
        }
        let state = verdict(Some(scan)).await.unwrap_or(FileState::NotScanned);
        let found = message_file::ActiveModel { state: Set(state), scanned: Set(state == FileState::Ready), ..Default::default() };
        message_file::Entity::update_many().set(found).filter(message_file::Column::Id.eq(file.id)).exec(db).await?;
        if !state.is_kept() {
            message_file_chunk::Entity::delete_many().filter(message_file_chunk::Column::FileId.eq(file.id)).exec(db).await?;
        }
    }
    Ok(())
}
