//! Pages in a browser, at the widths of a phone and of a desktop: no console message, no label on another, nothing
//! wider than the window, no small print.
//!
//! Needs Chromium in one of its packagings; without one the tests say that they are skipped.

use super::studies::{comparison, system};
use super::{page, temporary};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Programs that are Chromium without a window.
const BROWSERS: [&str; 5] =
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// Widths of the windows, in pixels.
const WIDTHS: [u32; 3] = [390, 768, 1400];

/// Runs in each page once it is laid out and tells the frame around it what is wrong.
const CHECKER: &str = r#"<script>
addEventListener('load', () => {
  const bad = [], wide = innerWidth;
  let plots = 0, texts = 0;
  if (document.documentElement.scrollWidth > wide) bad.push('page ' + document.documentElement.scrollWidth);
  for (const svg of document.querySelectorAll('svg.plot')) {
    const box = svg.getBoundingClientRect();
    if (!box.width) continue;
    plots++;
    const name = svg.id || svg.getAttribute('aria-labelledby');
    const scale = box.width / svg.viewBox.baseVal.width;
    const all = [...svg.querySelectorAll('text')].map(t => [t, t.getBoundingClientRect()]);
    texts += all.length;
    for (const [t, r] of all) {
      if (r.left < box.left - 1 || r.right > box.right + 1 || r.top < box.top - 1 || r.bottom > box.bottom + 1)
        bad.push(name + ' outside: ' + t.textContent);
      if (parseFloat(getComputedStyle(t).fontSize) * scale < 9.5) bad.push(name + ' small: ' + t.textContent);
    }
    for (let i = 0; i < all.length; i++) for (let j = 0; j < i; j++) {
      const [a, b] = [all[i][1], all[j][1]];
      const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (x > 1 && y > 2) bad.push(name + ' overlap: ' + all[i][0].textContent + ' | ' + all[j][0].textContent);
    }
  }
  for (const e of document.querySelectorAll('h1,h2,h3,p,li,dt,dd,summary,figure,svg'))
    if (e.getBoundingClientRect().right > wide + 0.5) bad.push('beyond the edge: ' + e.textContent.slice(0, 40));
  parent.postMessage({ page: location.pathname, width: wide, plots, texts, bad }, '*');
});
</script>"#;

/// A frame around pages, each at each width, that collects what they tell.
fn frames(pages: &[String]) -> String {
    let mut html =
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body><pre id=\"found\"></pre><script>\
                    const found = []; addEventListener('message', m => { found.push(m.data); \
                    document.getElementById('found').textContent = JSON.stringify(found); });</script>"
            .to_owned();
    for page in pages {
        for width in WIDTHS {
            html += &format!(
                "<iframe src=\"{page}\" width=\"{width}\" height=\"900\" style=\"border:0\"></iframe>"
            );
        }
    }
    html + "</body></html>"
}

fn browser() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("LEASEFALL_CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let mut all = BROWSERS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let found = all.find(|path| path.is_file());
    if found.is_none() {
        // Past the test harness, which hides what passing tests print.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: no Chromium to open the report in (install chromium-headless-shell or chromium, or name one \
             in LEASEFALL_CHROMIUM)"
        );
    }
    found
}

/// What a browser has of a page after its scripts have run, and what it said to the console.
fn opened(browser: &Path, folder: &Path, page: &str) -> (String, Vec<String>) {
    let output = assert_cmd::Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--virtual-time-budget=20000",
        ])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .args(["--window-size=1500,1000", "--dump-dom"])
        .arg(format!("file://{}", folder.join(page).display()))
        .timeout(Duration::from_secs(120))
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", browser.display()));
    let diagnostics = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {diagnostics}", browser.display());
    let console = diagnostics.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
    (String::from_utf8_lossy(&output.stdout).into_owned(), console)
}

/// What the pages of a frame told.
fn told(dom: &str) -> Vec<Value> {
    let found = dom.split("<pre id=\"found\">").nth(1).and_then(|rest| rest.split("</pre>").next()).unwrap();
    let text = found.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The page with the checker in it, which its own security policy would not let run.
fn checked(html: &str) -> String {
    let (before, policy) = html.split_once("<meta http-equiv=\"Content-Security-Policy\"").unwrap();
    let (_, after) = policy.split_once("/>").unwrap();
    format!("{before}{after}").replace("</body>", &format!("{CHECKER}</body>"))
}

#[test]
fn pages_open_clean_at_every_width() {
    let Some(browser) = browser() else { return };
    let folder = temporary("browser");
    let deals = [
        ("deals/flexential-2021-1", &["--paths", "500"][..]),
        ("deals/flexential-2021-1", &["--scenario", "tenant_default"]),
        ("deals/forty-tenants", &["--paths", "2000"]),
        ("deals/baseline-wf", &["--paths", "500"]),
        ("deals/beignet-2049", &[]),
        ("deals/compass-red-oak", &["--scenario", "no_refinancing", "--paths", "500"]),
        ("deals/aligned-2021-1", &["--scenario", "ai_fails"]),
        ("deals/valor-compute-2026", &["--scenario", "ai_fails", "--paths", "300"]),
        ("deals/subprime-2006-synthetic", &["--paths", "300"]),
        ("deals/dc-mezz-cdo-2026", &["--paths", "100"]),
        ("replay/airplanes-2005-04", &[]),
        ("replay/valt-2005-a", &[]),
    ];
    let (mut plain, mut with_checker) = (Vec::new(), Vec::new());
    let deals = deals.map(|(deal, arguments)| page(&Path::new("fixtures").join(deal), arguments));
    let studies = [system().to_owned(), comparison().to_owned()];
    for (index, html) in deals.into_iter().chain(studies).enumerate() {
        let names = [format!("p{index}.html"), format!("c{index}.html")];
        std::fs::write(folder.join(&names[0]), &html).unwrap();
        std::fs::write(folder.join(&names[1]), checked(&html)).unwrap();
        let [as_it_is, checked] = names;
        plain.push(as_it_is);
        with_checker.push(checked);
    }
    std::fs::write(folder.join("plain.html"), frames(&plain)).unwrap();
    let (dom, console) = opened(&browser, &folder, "plain.html");
    assert_eq!(console, Vec::<String>::new());
    assert_eq!(dom.matches("<iframe").count(), plain.len() * WIDTHS.len());

    std::fs::write(folder.join("checked.html"), frames(&with_checker)).unwrap();
    let (dom, console) = opened(&browser, &folder, "checked.html");
    assert_eq!(console, Vec::<String>::new());
    let found = told(&dom);
    assert_eq!(found.len(), with_checker.len() * WIDTHS.len());
    for page in &found {
        assert!(page["plots"].as_u64() >= Some(4) && page["texts"].as_u64() >= Some(30), "{page}");
        assert!(WIDTHS.iter().any(|width| page["width"] == *width), "{page}");
        assert_eq!(page["bad"], Value::Array(Vec::new()), "{page:#}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// The checks above see what they are to see.
#[test]
fn a_bad_page_is_found_out() {
    let Some(browser) = browser() else { return };
    let folder = temporary("bad");
    let text =
        |x, word: &str| format!("<text class=\"tick\" x=\"{x}\" y=\"20\" font-size=\"12\">{word}</text>");
    let bad = format!(
        "<!DOCTYPE html><html><body><p style=\"width:2000px\">wide</p><svg class=\"plot\" width=\"300\" \
         viewBox=\"0 0 300 100\">{}{}{}<text x=\"5\" y=\"90\" font-size=\"5\">tiny</text></svg>\
         <script>console.error('heard')</script>{CHECKER}</body></html>",
        text(10, "one label"),
        text(30, "another"),
        text(280, "far outside")
    );
    std::fs::write(folder.join("bad.html"), bad).unwrap();
    std::fs::write(folder.join("frame.html"), frames(&["bad.html".to_owned()])).unwrap();
    let (dom, console) = opened(&browser, &folder, "frame.html");
    assert!(console.iter().any(|line| line.contains("heard")), "{console:?}");
    for page in told(&dom) {
        let bad = page["bad"].to_string();
        for fault in [
            "page 2",
            "overlap: another | one label",
            "outside: far outside",
            "small: tiny",
            "beyond the edge: wide",
        ] {
            assert!(bad.contains(fault), "{fault}: {bad}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}
