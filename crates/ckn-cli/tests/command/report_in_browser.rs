//! Reports as Chromium shows them; skipped where there is none.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::report_kinds::{classes, measurements, tasks};
use crate::support::{Bench, letters, read};

/// Checks what everybody needs who cannot see a page, has no mouse, or reads it on a telephone. Each expression lists what is wrong.
fn is_usable(browser: &mut Browser, width: u32) {
    for (what, wrong) in [
        (
            "wider than the window",
            "document.documentElement.scrollWidth > document.documentElement.clientWidth ? ['page'] : []",
        ),
        (
            "beyond the window, and not in something that scrolls",
            "[...document.querySelectorAll('main *')].filter(one => !one.closest('.scroll, defs, .letters-of-logos')\
             && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(one => one.outerHTML.slice(0, 200))",
        ),
        (
            "an image without a name",
            "[...document.querySelectorAll('[role=img]')].filter(one => !one.ariaLabel && !one.querySelector('title, desc')).map(one => one.outerHTML.slice(0, 200))",
        ),
        (
            "a table without a caption, or a head without a scope",
            "[...document.querySelectorAll('table')].filter(one => !one.caption || one.querySelector('th:not([scope])')\
             || [...one.tBodies[0].rows].some(row => !row.querySelector('th[scope=row]'))).map(one => one.outerHTML.slice(0, 200))",
        ),
        (
            "a table that the keyboard does not scroll",
            "[...document.querySelectorAll('table')].filter(one => one.closest('.scroll')?.tabIndex !== 0).map(one => one.outerHTML.slice(0, 200))",
        ),
        (
            "two regions of one name, or one without",
            "(names => names.filter((name, at) => !name || names.indexOf(name) !== at))([...document.querySelectorAll('[role=region]')].map(one => one.ariaLabel))",
        ),
        (
            "a heading that skips a level",
            "(levels => levels.filter((level, at) => at > 0 && level > levels[at - 1] + 1))([...document.querySelectorAll('h1, h2, h3, h4')].map(one => Number(one.tagName[1])))",
        ),
        (
            "an id that is there twice, or an address that leads nowhere",
            "[...document.querySelectorAll('[id]')].map(one => one.id).filter((id, at, all) => all.indexOf(id) !== at)\
             .concat([...document.querySelectorAll('a[href^=\"#\"], use')].map(one => one.getAttribute('href').slice(1)).filter(id => !document.getElementById(id)))",
        ),
        (
            "a figure with two captions",
            "[...document.querySelectorAll('figure')].filter(one => one.querySelectorAll(':scope > figcaption').length > 1).map(one => one.outerHTML.slice(0, 200))",
        ),
    ] {
        assert_eq!(browser.evaluate(wrong), json!([]), "{what}, at {width}");
    }
}

/// Opens a page in both widths, and checks that it is small, asks for nothing, says nothing amiss and is usable.
fn is_shown(browser: &mut Browser, bench: &Bench, page: &str) {
    let path = bench.path(page).canonicalize().unwrap();
    assert!(read(&path).len() < 3_000_000, "{page}");
    for width in [1280, 400] {
        browser.open(&path, width);
        assert_eq!(browser.requests(), [format!("file://{}", path.display())]);
        assert!(browser.complaints().is_empty(), "{page} {:?}", browser.complaints());
        is_usable(browser, width);
        browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)");
        is_usable(browser, width);
    }
}

fn count(browser: &mut Browser, selector: &str) -> Value {
    browser.evaluate(&format!("document.querySelectorAll('{selector}').length"))
}

#[test]
fn a_browser_shows_reports_of_classes_tasks_measurements_and_a_choice() {
    let Some(mut browser) = Browser::start() else {
        println!("skipped: there is no Chromium to open the report with");
        return;
    };
    let bench = Bench::of(100);
    bench.write("classes.tsv", classes(["one", "two words", "<b>three</b>", "four"], 160));
    bench.write("tasks.tsv", tasks(["one", "two"], 160));
    bench.write("values.tsv", measurements(160));
    let network = "--model network --strands max --filters 8 --width 8 --epochs 6 -q";
    for (data, page) in [
        (format!("--tsv classes.tsv --loss multinomial {network}"), "classes"),
        (format!("--tasks tasks.tsv {network}"), "tasks"),
        (format!("--tsv values.tsv --loss squared {network}"), "values"),
        ("--pos pos.fa --neg neg.fa --auto -q".to_owned(), "auto"),
    ] {
        bench.run(&format!("train {data} --out {page}.ckn --report {page}")).ok();
        is_shown(&mut browser, &bench, &format!("{page}/report.html"));
        let plots = match page {
            // Four curves against the rest, and the loss by epoch.
            "classes" => 9,
            // Four of each task, loss and AUROC by epoch.
            "tasks" => 10,
            "values" => 3,
            _ => 4,
        };
        assert_eq!(count(&mut browser, "svg.plot"), plots, "{page}");
        assert_eq!(count(&mut browser, ".matrix td"), if page == "classes" { 16 } else { 0 });
        assert!(count(&mut browser, ".motif svg.logos").as_u64() >= Some(2), "{page}");
        assert!(count(&mut browser, ".track").as_u64() >= Some(4), "{page}");
    }
    // A link saves a file, without asking anybody.
    let folder = bench.path("saved");
    std::fs::create_dir(&folder).unwrap();
    browser.ask("Page.setDownloadBehavior", &json!({"behavior": "allow", "downloadPath": folder}));
    browser.evaluate("document.querySelector('a[download=\"motifs.meme\"]').click()");
    let saved = folder.join("motifs.meme");
    for _ in 0..100 {
        if saved.exists() {
            break;
        }
        browser.evaluate("new Promise(done => setTimeout(done, 100))");
    }
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(read(&saved), read(bench.path("auto/motifs.meme")));
    let requests: Vec<&str> = browser.requests().into_iter().filter(|url| !url.starts_with("data:")).collect();
    assert!(requests.iter().all(|url| url.starts_with("file:")), "{requests:?}");
    assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
}

#[test]
fn a_browser_shows_a_matrix_of_thirty_classes_of_long_names() {
    let Some(mut browser) = Browser::start() else {
        println!("skipped: there is no Chromium to open the report with");
        return;
    };
    let bench = Bench::new();
    let mut table = String::from("sequence\tlabel\n");
    for record in 0..240u64 {
        let class = record % 30;
        writeln!(table, "{}\tc{class}{}", letters(record + 1, 30), "long_name".repeat(class as usize % 8)).unwrap();
    }
    bench.write("many.tsv", &table);
    bench
        .run("train --tsv many.tsv --loss multinomial --model network --filters 4 --width 6 --epochs 1 -q --out m")
        .ok();
    bench.run("report m --tsv many.tsv --out m.html -q").ok();
    is_shown(&mut browser, &bench, "m.html");
    assert_eq!(count(&mut browser, ".matrix td"), 900);
    let narrow =
        "[...document.querySelectorAll('.matrix td')].every(cell => cell.offsetWidth < 80 && cell.offsetHeight < 80)";
    assert_eq!(browser.evaluate(narrow), true);
}

#[test]
fn a_browser_shows_the_report_of_the_demo_without_a_complaint_and_without_a_connection() {
    let Some(mut browser) = Browser::start() else {
        println!("skipped: there is no Chromium to open the report with");
        return;
    };
    let bench = Bench::new();
    bench.run("demo -q").ok();
    let page = bench.path("ckn_demo/report.html").canonicalize().unwrap();
    for width in [1280, 400] {
        browser.open(&page, width);
        assert_eq!(browser.requests(), [format!("file://{}", page.display())]);
        assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
        // All that is drawn has a size, and nothing makes the page wider than the window.
        let logos = "[...document.querySelectorAll('svg.logos')].map(logo => logo.getBoundingClientRect())\
                     .filter(box => box.width > 200 && box.height > 80).length";
        assert!(browser.evaluate(logos).as_u64() >= Some(1), "at {width}");
        let letters = "[...document.querySelectorAll('svg.logos use')].filter(letter => letter.getBoundingClientRect().width > 5).length";
        assert!(browser.evaluate(letters).as_u64() >= Some(20), "at {width}");
        let plots = "[...document.querySelectorAll('svg.plot')].filter(plot => plot.getBoundingClientRect().width > 300).length";
        assert_eq!(browser.evaluate(plots), 6, "at {width}");
        is_usable(&mut browser, width);
        // Of six sequences and the worst mistakes each letter has its place, wherever the line is broken.
        let places =
            "[...document.querySelectorAll('.track .place')].filter(place => place.textContent === '100').length";
        let tracks = browser.evaluate("document.querySelectorAll('.track').length");
        assert!(browser.evaluate(places) == tracks && tracks.as_u64() > Some(6), "{tracks}");
    }
    // The browser would tell: an image from elsewhere is asked for, and refused by the page's policy.
    browser.evaluate("document.body.append(Object.assign(new Image(), {src: 'https://localhost/x.png'}))");
    browser.evaluate("new Promise(done => setTimeout(done, 300))");
    let refused = |complaint: &&Value| complaint.to_string().contains("Content Security Policy");
    assert!(browser.complaints().iter().any(refused), "{:?}", browser.complaints());
}

#[test]
fn a_browser_shows_hostile_names_as_text() {
    let Some(mut browser) = Browser::start() else {
        println!("skipped: there is no Chromium to open the report with");
        return;
    };
    let bench = Bench::new();
    let shown = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'><svg onload=alert(1)>",
        "</style><script>alert(1)</script>",
        "</title></head><body onload=alert(1)>",
        "<!--",
        "]]>",
        "{{7*7}}",
        "&lt;b&gt;&amp;#60;",
        "javascript:alert(1)",
        "../../x",
        "/etc/passwd",
        "https://example.com/x.png",
    ];
    let cut = ["\u{202e}exe.fa".to_owned(), "<b>".repeat(80)];
    let names: Vec<&str> = shown.into_iter().chain(cut.iter().map(String::as_str)).collect();
    let mut table = String::from("sequence");
    names.iter().for_each(|name| write!(table, "\tlabel:{name}").unwrap());
    for row in 0..64 {
        write!(table, "\n{}", letters(row + 1, 40)).unwrap();
        (0..names.len()).for_each(|task| write!(table, "\t{}", row >> (task % 5) & 1).unwrap());
    }
    bench.write("tasks.tsv", &table);
    bench.run("train --tasks tasks.tsv --filters 4 --width 8 --epochs 1 -q --out t --report r").ok();
    // What no model's file holds is refused before the training.
    bench.write("long.tsv", table.replacen("<b>", &"<i>".repeat(22_000), 1));
    let run = bench.run("train --tasks long.tsv --filters 4 --width 8 --epochs 1 -q --out u");
    run.refused(3, &["`<i><i><i>", "shorten"]);
    let page = bench.path("r/report.html").canonicalize().unwrap();
    for width in [1280, 400] {
        browser.open(&page, width);
        assert_eq!(browser.requests(), [format!("file://{}", page.display())]);
        assert!(browser.complaints().is_empty(), "{:?}", browser.complaints());
        assert!(!browser.events.iter().any(|event| event["method"] == "Page.javascriptDialogOpening"));
        assert_eq!(browser.evaluate("document.scripts.length + document.images.length"), 0);
        let text = browser.evaluate("document.body.innerText");
        let text = text.as_str().unwrap();
        for name in shown {
            assert!(text.contains(name), "{name}");
        }
        assert!(!text.contains('\u{202e}') && text.contains("<b><b>"));
        assert_eq!(
            browser.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"),
            true
        );
    }
}
