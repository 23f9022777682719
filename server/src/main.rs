//! The command line.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use server::config::{Command, CommandLine};

/// Pages are made of many small strings: faster at them than the system's allocator, and it gives memory back.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let line = CommandLine::parse();
    server::log::start(line.log_json);
    let done = match line.command {
        Command::Serve(config) => server::serve(*config).await,
        Command::Demo(config) => server::demo::run(config).await,
        Command::Import(config) => return server::import(config).await,
        Command::Export(config) => server::export(config).await,
        Command::Outgoing(config) => server::write_outgoing(config).await,
        Command::Staff(config) => server::staff(config).await,
        Command::RotateKey(config) => server::rotate_key(config).await,
        Command::WithdrawKey(config) => server::withdraw_key(config).await,
        Command::Check(config) => server::check(config).await,
        Command::Migrate(config) => server::migrate(config).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
