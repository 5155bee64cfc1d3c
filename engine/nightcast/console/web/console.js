// The page: shows the night's state as it comes, and sends commands.

import { LivePlayer } from "./player.js";
import { words } from "./words.js";

const $ = (id) => document.getElementById(id);
const token = document.querySelector('meta[name="token"]').content;
let language = localStorage.getItem("language");
let state = null;

const t = (key) => words[language ?? "en"][key] ?? key;
const told = (text) => text?.[language ?? "en"] || text?.en || text?.zh || ""; // what the night says in both languages
const named = (choice) => t("names")[choice.id] ?? told(choice.title); // what only its scene has named

// --- language --------------------------------------------------------------------------------

function translate() {
  document.documentElement.lang = language ?? "en";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-title]")) element.title = t(element.dataset.tTitle);
  for (const element of document.querySelectorAll("[data-t-placeholder]")) {
    element.placeholder = t(element.dataset.tPlaceholder);
    element.setAttribute("aria-label", element.placeholder);
  }
  $("language").textContent = t("other");
  if (state) show(state);
}

$("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  translate();
});

// --- state -----------------------------------------------------------------------------------

function show(night) {
  document.body.dataset.phase = night.phase;
  document.title = `${t(night.phase)} · ${told(night.title)}`;
  $("title").textContent = told(night.title);
  $("phase").textContent = t(night.phase);
  $("viewers").textContent = number(night.viewers);
  $("orders").textContent = number(night.orders);
  $("sales").textContent = money(night.sales_minor, night.currency);
  $("clock").textContent = duration(night.on_air_s);
  $("warning").textContent = told(night.warning);
  $("warning").hidden = !night.warning;

  $("now").textContent = night.now?.text ?? t("nothing");
  $("now").lang = night.language;
  $("now-why").textContent = [told(night.now?.product), told(night.now?.reason)].filter(Boolean).join(" · ");
  $("ready").textContent = Math.round(night.ready_s);
  $("ready-bar").style.width = `${Math.min(100, (night.ready_s / 75) * 100)}%`;
  $("ready-bar").classList.toggle("low", night.ready_s < 15);
  fill($("next"), night.next.slice(0, 4), (line) => item("", line.text));

  const silent = night.phase === "paused";
  $("hush").textContent = t(silent ? "resume" : "hush");
  $("hush").classList.toggle("on", silent);
  choices($("product"), night.products, night.product);
  choices($("guest-product"), night.for_guests, $("guest-product").value);
  $("guest-box").hidden = !night.for_guests.length;
  choices($("scene"), night.scenes, night.scene);
  choices($("shot"), night.shots, night.shot, named);
  fill($("overlays"), night.overlays, (overlay) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = named(overlay);
    const shown = night.shown_overlays.includes(overlay.id);
    button.setAttribute("aria-pressed", shown);
    button.dataset.overlay = overlay.id;
    return button;
  });

  $("worn").hidden = !night.worn;
  $("worn-title").textContent = told(night.worn?.title);

  fill($("processes"), night.processes, (process) => {
    const good = process.state === "running";
    const figure = process.restarts ? t("restarts")(process.restarts) : t("states")[process.state];
    return healthItem(t("process")(process.name), good, process.state === "stopped", figure, process.detail);
  });
  fill($("outputs"), night.outputs, (output) => {
    const good = output.state === "on_air";
    const bad = output.state === "retrying" || output.state === "unavailable";
    const figure = good ? bytes(output.sent_bytes) : t("states")[output.state];
    return healthItem(output.id, good, bad, figure, output.detail);
  });
  $("level").style.width = `${Math.max(0, Math.min(100, (night.figures.peak_db + 60) / 0.6))}%`;
  $("figures").textContent = t("figures")(night.figures);
  list($("feed"), night.feed, (entry) => {
    const said = { follow: t("followed"), join: t("joined"), like: t("liked") }[entry.kind];
    return item(entry.kind, entry.text || said || "", entry.at, entry.who);
  });
  list($("verdicts"), night.verdicts, (verdict) => {
    const entry = item(verdict.outcome, verdict.text, verdict.at, t(verdict.outcome));
    const why = [told(verdict.reason), verdict.rules.join(", ")].filter(Boolean).join(" · ");
    if (why) entry.append(element("small", why));
    return entry;
  });
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function item(className, text, at = "", who = "") {
  const made = element("li", "", className);
  if (at) made.append(element("time", at));
  if (who) made.append(element("b", who));
  made.append(text);
  return made;
}

function healthItem(name, good, bad, figure, detail) {
  const made = element("li", "", good ? "good" : bad ? "bad" : "");
  made.append(element("span", name), element("small", figure));
  if (detail) made.append(element("span", told(detail), "detail"));
  return made;
}

/** Replace children only where something changed, so that focus and scrolling stay. */
function fill(parent, entries, make) {
  const key = language + JSON.stringify(entries) + JSON.stringify(state?.shown_overlays);
  if (parent.dataset.key === key) return;
  parent.dataset.key = key;
  const focused = document.activeElement?.dataset?.overlay;
  parent.replaceChildren(...entries.map(make));
  if (focused) parent.querySelector(`[data-overlay="${CSS.escape(focused)}"]`)?.focus();
}

function list(parent, entries, make) {
  fill(parent, entries, make);
  if (!entries.length) parent.replaceChildren(element("li", t("quiet"), "empty"));
}

function choices(select, options, chosen, title = (option) => told(option.title)) {
  const key = language + JSON.stringify(options);
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    const none = new Option(t("choose"), "");
    none.disabled = true;
    select.replaceChildren(none, ...options.map((option) => new Option(title(option), option.id)));
  }
  if (document.activeElement !== select) select.value = chosen ?? "";
}

const number = (value) => value.toLocaleString(language ?? "en");
const money = (minor, currency) => {
  const format = new Intl.NumberFormat(language ?? "en", { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
};
const duration = (seconds) =>
  [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
const bytes = (count) => (count < 1e9 ? `${(count / 1e6).toFixed(1)} MB` : `${(count / 1e9).toFixed(2)} GB`);

// --- commands --------------------------------------------------------------------------------

const command = (body) => send("/api/command", JSON.stringify(body), { "Content-Type": "application/json" });

async function send(path, body, headers = {}) {
  const answer = $("answer");
  let text = "";
  let good = false;
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, ...headers },
      body,
    });
    if (response.ok) {
      const result = await response.json();
      good = result.done;
      text = told(result.text) || t(good ? "done" : "failed");
    } else {
      text = await response.text();
    }
  } catch {
    text = t("offline");
  }
  answer.textContent = text;
  answer.classList.toggle("bad", !good);
  return good;
}

$("hush").addEventListener("click", () => command({ kind: state?.phase === "paused" ? "resume" : "hush" }));
document.querySelector('[data-command="skip"]').addEventListener("click", () => command({ kind: "skip" }));

let armed = 0;
$("end").addEventListener("click", (event) => {
  const button = event.currentTarget;
  const disarm = () => {
    armed = 0;
    button.textContent = t("end");
    button.classList.remove("armed");
  };
  if (armed) {
    clearTimeout(armed);
    disarm();
    command({ kind: "end" });
  } else {
    button.textContent = t("endSure");
    button.classList.add("armed");
    armed = setTimeout(disarm, 4000);
  }
});

$("say").addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = $("say-text");
  const text = input.value.trim();
  if (text && (await command({ kind: "say", text }))) input.value = "";
});

for (const [id, kind, field] of [
  ["product", "switch_product", "product"],
  ["scene", "switch_scene", "scene"],
  ["shot", "cut_shot", "shot"],
]) {
  $(id).addEventListener("change", (event) => {
    command({ kind, [field]: event.target.value });
    event.target.blur();
  });
}

$("overlays").addEventListener("click", (event) => {
  const overlay = event.target.dataset.overlay;
  if (overlay) command({ kind: "show_overlay", overlay, show: event.target.getAttribute("aria-pressed") !== "true" });
});

$("compare").addEventListener("click", () => command({ kind: "compare", product: state?.worn?.id ?? null }));

$("guest").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.currentTarget;
  const [photo] = $("guest-photo").files;
  const wish = { kind: "show_guest", photo: photo.name, product: $("guest-product").value, name: $("guest-name").value.trim() };
  const body = new FormData();
  body.append("command", JSON.stringify({ ...wish, consent: $("guest-agreed").checked }));
  body.append("photo", photo);
  const button = $("guest-show");
  button.disabled = true;
  button.textContent = t("working");
  if (await send("/api/guest", body)) form.reset();
  button.disabled = false;
  button.textContent = t("showGuest");
});

// --- life ------------------------------------------------------------------------------------

const events = new EventSource("/api/events");
events.addEventListener("state", (event) => {
  state = JSON.parse(event.data);
  if (language === null) {
    language = state.language;
    translate();
  }
  show(state);
  $("offline").hidden = true;
});
events.addEventListener("error", () => ($("offline").hidden = false));

const player = new LivePlayer($("video"), "/live/live.m3u8", (what) => {
  $("waiting").hidden = what !== "waiting";
  $("sound").hidden = what !== "muted";
});
window.nightcastPlayer = player;
$("sound").addEventListener("click", () => player.unmute().then(() => ($("sound").hidden = true)));
setInterval(() => {
  const delay = player.delay;
  $("delay").hidden = delay === null || delay > 600;
  $("delay").textContent = `${t("behind")} ${delay?.toFixed(1)} ${t("seconds")}`;
}, 500);

translate();
