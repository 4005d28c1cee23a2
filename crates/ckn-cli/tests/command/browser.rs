//! A browser that opens a page and says what happened: Chromium, by its debugging pipe. No driver and no library is needed.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// The longest that the browser may take for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Browser {
    program: Child,
    commands: File,
    messages: Receiver<Value>,
    asked: u64,
    session: Option<String>,
    /// What happened without having been asked for.
    pub(crate) events: Vec<Value>,
    _folder: TempDir,
}

impl Browser {
    /// Starts Chromium; `None` where there is none.
    pub(crate) fn start() -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let there =
            |name: &&&str| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success());
        let name = names.iter().find(there)?;
        let folder = TempDir::new().unwrap();
        let place = |name: &str| folder.path().join(name);
        let pipes = [place("commands"), place("messages")];
        assert!(Command::new("mkfifo").args(&pipes).status().unwrap().success());
        let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
                     --disable-component-update --disable-sync --remote-debugging-pipe";
        let [commands, messages] = pipes.each_ref().map(|path| path.display());
        let profile = place("profile");
        let script =
            format!("exec {name} {flags} --user-data-dir='{}' 3<'{commands}' 4>'{messages}'", profile.display());
        let program =
            Command::new("sh").args(["-c", &script]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // In the order in which the shell opens them: each waits for its other end.
        let commands = File::options().write(true).open(&pipes[0]).unwrap();
        let incoming = BufReader::new(File::open(&pipes[1]).unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in incoming.split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else { break };
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut browser =
            Self { program, commands, messages, asked: 0, session: None, events: Vec::new(), _folder: folder };
        let page = browser.ask("Target.createTarget", &json!({"url": "about:blank"}))["targetId"].clone();
        let attached = browser.ask("Target.attachToTarget", &json!({"targetId": page, "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Log", "Runtime"] {
            browser.ask(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Opens a file in a window so many pixels wide, and waits until all of it is loaded.
    pub(crate) fn open(&mut self, path: &Path, width: u32) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.ask("Emulation.setDeviceMetricsOverride", &size);
        self.events.clear();
        self.ask("Page.navigate", &json!({"url": format!("file://{}", path.display())}));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let message = self.messages.recv_timeout(PATIENCE).unwrap();
            self.events.push(message);
        }
        // What a page does after loading is told before this is answered.
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
    }

    /// The value of an expression in the page.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.ask("Runtime.evaluate", &asked);
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].clone()
    }

    /// Addresses that the page asked for since it was opened.
    pub(crate) fn requests(&self) -> Vec<&str> {
        let requests = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        requests.filter_map(|event| event["params"]["request"]["url"].as_str()).collect()
    }

    /// Complaints of the browser about the page since it was opened.
    pub(crate) fn complaints(&self) -> Vec<&Value> {
        let loud = ["Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"];
        self.events.iter().filter(|event| loud.iter().any(|name| event["method"] == *name)).collect()
    }

    /// Asks the browser for something, and waits for its answer.
    pub(crate) fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        self.asked += 1;
        let mut message = json!({"id": self.asked, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.commands.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let answer = self.messages.recv_timeout(PATIENCE).unwrap();
            if answer["id"] == self.asked {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.session = None;
        let _ = self.commands.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        for _ in 0..50 {
            if matches!(self.program.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
