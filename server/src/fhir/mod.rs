//! stub
use std::{path::PathBuf, fmt, io::Write};
use app::access::System;
pub struct ImportOptions { pub keep_going: bool, pub json: bool, pub progress: bool }
pub struct Summary; 
impl Summary { pub fn is_clean(&self)->bool {true} pub fn to_json(&self)->serde_json::Value { serde_json::Value::Null } }
impl fmt::Display for Summary { fn fmt(&self,_:&mut fmt::Formatter<'_>)->fmt::Result{Ok(())} }
#[derive(Debug)] pub struct ImportError; impl fmt::Display for ImportError { fn fmt(&self,_:&mut fmt::Formatter<'_>)->fmt::Result{Ok(())} }
pub async fn import_paths(_s:&System,_p:&[PathBuf],_o:&ImportOptions)->Result<Summary,ImportError>{Ok(Summary)}
pub async fn import_bundle(_s:&System,_n:&str,_b:serde_json::Value)->Result<Summary,ImportError>{Ok(Summary)}
pub async fn export_patient(_s:&System,_p:&str,_o:&mut impl Write)->Result<usize,ImportError>{Ok(0)}
