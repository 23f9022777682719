//! Asks the browser for a passkey; nothing of it runs on the server, and nothing happens in a browser without passkeys.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::{Array, Function, JSON, Object, Promise, Reflect};

use super::api::{finish_passkey, start_passkey};

/// Asks for a passkey, a new one or to sign in, and returns where the server says to go on; `None` when it did not work.
///
/// The browser itself turns JSON into what its own function wants, and the answer into JSON.
pub async fn ask(new: bool) -> Option<String> {
    let question = JSON::parse(&start_passkey(new).await.ok()?).ok()?;
    let (parse, act) = if new { ("parseCreationOptionsFromJSON", "create") } else { ("parseRequestOptionsFromJSON", "get") };
    let window = web_sys::window()?;
    let credential_type = get(&window, "PublicKeyCredential")?;
    let options = call(&credential_type, parse, &get(&question, "publicKey")?)?;
    let wish = Object::new();
    Reflect::set(&wish, &"publicKey".into(), &options).ok()?;
    let credentials = get(&get(&window, "navigator")?, "credentials")?;
    let answer = JsFuture::from(call(&credentials, act, &wish)?.dyn_into::<Promise>().ok()?).await.ok()?;
    let json = Function::from(get(&answer, "toJSON")?).call0(&answer).ok()?;
    finish_passkey(new, JSON::stringify(&json).ok()?.into()).await.ok()
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(|found| !found.is_undefined())
}

fn call(object: &JsValue, name: &str, argument: &JsValue) -> Option<JsValue> {
    let function: Function = get(object, name)?.dyn_into().ok()?;
    Reflect::apply(&function, object, &Array::of1(argument)).ok()
}
