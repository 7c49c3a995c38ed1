//! A browser of somebody who looks at pages: it keeps cookies, follows what it is told to, and sends the
//! forms that it was shown, with their hidden fields.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::site::{Answer, Site};

/// A browser at an address.
pub struct Browser<'a> {
    pub site: &'a Site,
    pub from: String,
    /// Sent with every request, as a real browser sends them.
    pub headers: Vec<(String, String)>,
    cookies: RefCell<BTreeMap<String, String>>,
}

/// A form on a page.
#[derive(Debug, Clone)]
pub struct PageForm {
    pub action: String,
    pub method: String,
    /// The fields that are hidden, filled in or chosen, as a browser would send them.
    pub fields: Vec<(String, String)>,
}

impl<'a> Browser<'a> {
    pub fn new(site: &'a Site, from: &str) -> Self {
        Self { site, from: from.into(), headers: Vec::new(), cookies: RefCell::default() }
    }

    /// The value of a cookie, if it is there.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Puts a cookie in, as an attacker or another browser would.
    pub fn put_cookie(&self, name: &str, value: &str) {
        self.cookies.borrow_mut().insert(name.into(), value.into());
    }

    pub fn forget_cookies(&self) {
        self.cookies.borrow_mut().clear();
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// The page that must be there.
    pub fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut all: Vec<(&str, &str)> = vec![("x-forwarded-for", &self.from)];
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        all.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        all.extend(headers);
        let answer = self.site.send(method, path, &all, body);
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, rest) = line.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            match rest.contains("Max-Age=0") {
                true => drop(self.cookies.borrow_mut().remove(name)),
                false => drop(self.cookies.borrow_mut().insert(name.into(), value.into())),
            }
        }
        answer
    }

    /// Sends fields to an address as a form.
    pub fn post(&self, path: &str, fields: &[(String, String)]) -> Answer {
        let body = encode(fields);
        self.ask("POST", path, &[("content-type", "application/x-www-form-urlencoded")], &body)
    }

    /// Opens a page and gives its form with this action.
    pub fn form(&self, page: &str, action: &str) -> PageForm {
        form_of(&self.page(page), action)
    }

    /// Opens a page, fills the form with this action in, and sends it.
    pub fn fills(&self, page: &str, action: &str, given: &[(&str, &str)]) -> Answer {
        self.sends(&self.form(page, action).with(given))
    }

    pub fn sends(&self, form: &PageForm) -> Answer {
        match form.method.as_str() {
            "post" => self.post(&form.action, &form.fields),
            _ => self.get(&format!("{}?{}", form.action, encode(&form.fields))),
        }
    }

    /// Where an answer leads; it must lead somewhere.
    pub fn follow(&self, answer: &Answer) -> Answer {
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.get(answer.header("location"))
    }

    /// Signs in with address and password at the page.
    pub fn signs_in(&self, email: &str, password: &str) -> Answer {
        self.fills("/sign-in", "/sign-in", &[("email", email), ("password", password)])
    }
}

impl PageForm {
    /// The same with fields filled in; several of one name are several choices.
    pub fn with(mut self, given: &[(&str, &str)]) -> Self {
        self.fields.retain(|(name, _)| given.iter().all(|(known, _)| known != name));
        self.fields.extend(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// The same without a field.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    pub fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

fn encode(fields: &[(String, String)]) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    body.finish()
}

/// The form with this action on a page.
pub fn form_of(page: &str, action: &str) -> PageForm {
    let found = forms_of(page).into_iter().find(|form| form.action == action);
    found.unwrap_or_else(|| panic!("no form to {action} on {page}"))
}

/// All forms of a page.
pub fn forms_of(page: &str) -> Vec<PageForm> {
    page.split("<form").skip(1).map(|rest| form(rest.split("</form>").next().unwrap_or_default())).collect()
}

fn form(html: &str) -> PageForm {
    let head = html.split('>').next().unwrap_or_default();
    let mut fields = Vec::new();
    for tag in html.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        let kind = attribute(tag, "type").unwrap_or_else(|| "text".into());
        let chosen = !matches!(kind.as_str(), "radio" | "checkbox") || tag.contains(" checked");
        if let Some(name) = attribute(tag, "name").filter(|_| chosen) {
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    for area in html.split("<textarea").skip(1) {
        let (tag, rest) = area.split_once('>').expect("an end of a tag");
        let text = rest.split("</textarea>").next().unwrap_or_default();
        fields.push((attribute(tag, "name").expect("a name"), plain(text)));
    }
    for select in html.split("<select").skip(1) {
        let tag = select.split('>').next().unwrap_or_default();
        let options = select.split("</select>").next().unwrap_or_default().split("<option").skip(1);
        let options: Vec<&str> = options.map(|option| option.split('>').next().unwrap_or_default()).collect();
        let chosen = options.iter().find(|option| option.contains(" selected")).or(options.first());
        let value = chosen.and_then(|option| attribute(option, "value")).unwrap_or_default();
        fields.push((attribute(tag, "name").expect("a name"), value));
    }
    PageForm {
        action: attribute(head, "action").unwrap_or_default(),
        method: attribute(head, "method").unwrap_or_else(|| "get".into()),
        fields,
    }
}

/// The value of an attribute of a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(plain(rest.split('"').next()?))
}

/// Text as it is meant, from the few references that our templates write.
pub fn plain(html: &str) -> String {
    let pairs = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&quot;", "\""),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(html.to_owned(), |text, (reference, meant)| text.replace(reference, meant))
}
