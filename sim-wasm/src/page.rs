//! The little the widgets ask of the page they live in. Everything here may be refused by a
//! browser (storage in private windows, the clipboard without permission), so nothing here fails
//! loudly: a refusal is `None` or `false`, and the widget goes on without.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use sim_core::Lang;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Storage, Window};

/// The window of the page.
pub fn window() -> Window {
    web_sys::window().expect("a widget runs in a page")
}

/// The language of an element: its own `lang`, else the page's.
pub fn lang_of(element: &Element) -> Lang {
    let own = element.get_attribute("lang");
    let page = || window().document()?.document_element()?.get_attribute("lang");
    own.or_else(page).and_then(|tag| Lang::from_tag(&tag)).unwrap_or_default()
}

/// Makes the element a widget lives in, after the static form it stands in for. From here on a
/// panic is told to the loader, which gives the static form back.
pub fn host(element: &Element, class: &str) -> Option<Element> {
    let host = window().document()?.create_element("div").ok()?;
    host.set_class_name(class);
    let form = element.query_selector(":scope > .sim-static").ok().flatten();
    let after = form.and_then(|form| form.next_sibling());
    element.insert_before(&host, after.as_ref()).ok()?;
    let element = element.clone();
    // Yew puts a hook of its own in place of one it was not told of.
    yew::set_custom_panic_hook(Box::new(move |panic| {
        let options = web_sys::CustomEventInit::new();
        // Where it happened without the folders of whoever built it.
        let place = panic.location().map(|at| (at.file().rsplit('/').next().unwrap_or_default(), at.line()));
        let (file, line) = place.unwrap_or_default();
        let why = format!("{} ({file}:{line})", panic.payload_as_str().unwrap_or("panic"));
        options.set_detail(&why.into());
        if let Ok(event) = web_sys::CustomEvent::new_with_event_init_dict("widget-panic", &options) {
            let _ = element.dispatch_event(&event);
        }
    }));
    Some(host)
}

/// Something kept from an earlier visit.
pub fn recall(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// Keeps something for the next visit, where the browser allows it.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}

/// Whether the reader asked the system for less motion.
pub fn reduced_motion() -> bool {
    matches!(window().match_media("(prefers-reduced-motion: reduce)"), Ok(Some(query)) if query.matches())
}

/// The address of this page without its fragment.
pub fn address() -> String {
    let href = window().location().href().unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

/// The element that has the keyboard's focus; the body when none has.
pub fn active() -> Option<Element> {
    window().document()?.active_element()
}

/// Puts a fragment into the address without going anywhere.
pub fn set_fragment(fragment: &str) {
    if let Ok(history) = window().history() {
        let state = history.state().unwrap_or_default();
        let _ = history.replace_state_with_url(&state, "", Some(&format!("#{fragment}")));
    }
}

/// Puts text on the clipboard; whether the browser let us.
pub async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    // Absent outside a secure context, though the binding says it never is.
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into());
    if !matches!(clipboard, Ok(value) if value.is_object()) {
        return false;
    }
    JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// Offers a file to keep; whether it worked.
pub fn download(name: &str, media_type: &str, content: &[u8]) -> bool {
    let offer = || -> Result<(), JsValue> {
        let options = web_sys::BlobPropertyBag::new();
        options.set_type(media_type);
        let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(content).into());
        let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
        let url = web_sys::Url::create_object_url_with_blob(&blob)?;
        let document = window().document().ok_or("no document")?;
        let anchor: web_sys::HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
        anchor.set_href(&url);
        anchor.set_download(name);
        anchor.click();
        web_sys::Url::revoke_object_url(&url)
    };
    offer().is_ok()
}

type FrameCallback = Closure<dyn FnMut(f64)>;

/// Calls back before every repaint, with the page's clock in ms, until dropped.
pub struct Frames {
    request: Rc<RefCell<i32>>,
    callback: Rc<RefCell<Option<FrameCallback>>>,
}

impl Frames {
    /// Starts calling.
    pub fn new(mut each: impl FnMut(f64) + 'static) -> Frames {
        let request = Rc::new(RefCell::new(0));
        let callback: Rc<RefCell<Option<FrameCallback>>> = Rc::default();
        let (again, next) = (callback.clone(), request.clone());
        *callback.borrow_mut() = Some(Closure::new(move |now| {
            if let Some(callback) = &*again.borrow() {
                *next.borrow_mut() = ask(callback);
            }
            each(now);
        }));
        *request.borrow_mut() = callback.borrow().as_ref().map_or(0, ask);
        Frames { request, callback }
    }
}

fn ask(callback: &FrameCallback) -> i32 {
    window().request_animation_frame(callback.as_ref().unchecked_ref()).unwrap_or(0)
}

impl Drop for Frames {
    fn drop(&mut self) {
        let _ = window().cancel_animation_frame(*self.request.borrow());
        // Dropped by the page later: the callback may be what is dropping us now.
        if let Ok(mut slot) = self.callback.try_borrow_mut()
            && let Some(callback) = slot.take()
        {
            callback.into_js_value();
        }
    }
}

/// Calls back when the reader leaves the page, until dropped.
pub struct Leaving(Closure<dyn FnMut()>);

impl Leaving {
    /// Begins to listen.
    pub fn new(left: impl FnMut() + 'static) -> Leaving {
        let left = Closure::<dyn FnMut()>::new(left);
        let _ = window().add_event_listener_with_callback("pagehide", left.as_ref().unchecked_ref());
        Leaving(left)
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        let _ = window().remove_event_listener_with_callback("pagehide", self.0.as_ref().unchecked_ref());
    }
}

/// Lets something run beside the page until it is done. Boxed here, because whatever runs as a type of
/// its own has a scheduler of its own compiled for it.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    wasm_bindgen_futures::spawn_local(future);
}

/// The page's clock, ms.
pub fn now_ms() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// Waits.
pub async fn sleep_ms(ms: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
    });
    let _ = JsFuture::from(promise).await;
}
