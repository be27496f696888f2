/**
 * The traffic log, “What just happened”: each payload, acknowledgement and API call, with its time and its JSON.
 * @module
 */
import { $, button, make, stickToEnd, updateChildren } from "./dom.js";
import { on, state } from "./state.js";

const TO_APP = { event: true, command: true, interaction: true };
const LABELS = { api: "API", response_url: "reply" };
const rows = make("ol", {});
const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Traffic log" }, rows);
const none = make("p", { class: "empty" }, "No traffic yet. Write a message to see the event that the app receives, and its API calls.");
let cleared = 0;
const { stick, release } = stickToEnd(scroll, rows);

const clear = () => {
  cleared = state.log.at(-1)?.number ?? 0;
  show();
};
$("traffic-log").append(
  make(
    "header",
    { class: "bar" },
    make("h2", {}, "What just happened"),
    button("Clear", clear, { class: "quiet" }),
    button("✕", () => toggle(false), { class: "icon", "aria-label": "Close what just happened" })
  ),
  none,
  scroll
);

/** Return how long the app took to acknowledge. */
function ackTime(log, number) {
  const ack = log[number];
  const sent = log.findLast((entry, i) => i < number && entry.name === ack.name && entry.kind in TO_APP && entry.sent.event_id === ack.sent.event_id);
  return sent ? `${Math.max(1, Math.round((ack.at - sent.at) * 1000))} ms` : "";
}

function row(log, number) {
  const { at, kind, name, sent, answer, note: remark } = log[number];
  const refused = answer && answer.ok === false;
  const toApp = kind in TO_APP;
  const short = kind === "response_url" ? "response_url" : name;
  const note = refused ? [answer.error, remark].filter(Boolean).join(": ") : kind === "ack" ? ackTime(log, number) : sent.retry_attempt ? `attempt ${sent.retry_attempt + 1}` : "";
  const direction = kind === "socket" ? "⇄" : toApp ? "→" : "←";
  const summary = make(
    "summary",
    {},
    make("time", {}, new Date(at * 1000).toLocaleTimeString([], { hour12: false }), make("small", {}, `.${String(Math.floor((at % 1) * 1000)).padStart(3, "0")}`)),
    make("span", { class: "direction", title: toApp ? "to the app" : "from the app" }, direction),
    make("span", { class: `kind ${kind}` }, LABELS[kind] ?? kind),
    make("code", {}, short),
    make("span", { class: refused ? "refused" : "note" }, note)
  );
  const details = make("details", {}, summary);
  summary.addEventListener("click", release); // keep the opened entry in view
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("pre")) return;
    for (const [title, json] of [[toApp ? "Sent to the app" : "From the app", sent], ["Answer", answer]]) {
      if (json && Object.keys(json).length) {
        details.append(make("h3", {}, title), make("pre", { tabindex: "0" }, JSON.stringify(json, null, 2)));
      }
    }
  });
  return make("li", {}, details);
}

function show() {
  const log = state.log.filter((entry) => entry.number > cleared);
  none.hidden = log.length > 0;
  updateChildren(
    rows,
    log.map((entry, number) => ({ key: String(entry.number), signature: "", draw: () => row(log, number) }))
  );
  stick();
}

/** Show or hide the panel. */
export function toggle(visible = $("traffic-log").hidden) {
  $("traffic-log").hidden = !visible;
  $("traffic-log-toggle").setAttribute("aria-expanded", String(visible));
  if (!visible) $("traffic-log-toggle").focus();
}

$("traffic-log-toggle").addEventListener("click", () => toggle());
$("traffic-log").addEventListener("keydown", (event) => {
  if (event.key === "Escape") toggle(false);
});
if (matchMedia("(min-width: 75rem)").matches) toggle(true);
on(["log"], show);
