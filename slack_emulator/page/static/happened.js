/**
 * “What just happened”: each envelope, acknowledgement and API call between the workspace and the app, with its time;
 * opened, it shows the JSON.
 * @module
 */
import { $, button, keyed, make, stickToEnd } from "./dom.js";
import { on, state } from "./state.js";

const TO_APP = { event: true, command: true, interaction: true };
const LABELS = { api: "API", response_url: "reply" };
const rows = make("ol", {});
const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Exchanges" }, rows);
const none = make("p", { class: "empty" }, "Nothing has crossed the line yet. Write something, and watch the app hear of it and answer.");
let cleared = 0;
const { stick, leave } = stickToEnd(scroll, rows);

const clear = () => {
  cleared = state.log.at(-1)?.number ?? 0;
  show();
};
$("happened").append(
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

/** Find what an acknowledgement is of, and say how long it took. */
function took(log, number) {
  const ack = log[number];
  const sent = log.findLast((one, at) => at < number && one.name === ack.name && one.kind in TO_APP && one.sent.event_id === ack.sent.event_id);
  return sent ? `${Math.max(1, Math.round((ack.at - sent.at) * 1000))} ms` : "";
}

function row(log, number) {
  const { at, kind, name, sent, answer } = log[number];
  const refused = answer && answer.ok === false;
  const toApp = kind in TO_APP;
  const short = kind === "response_url" ? "response_url" : name;
  const note = refused ? answer.error : kind === "ack" ? took(log, number) : sent.retry_attempt ? `attempt ${sent.retry_attempt + 1}` : "";
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
  summary.addEventListener("click", leave); // what was opened stays in sight
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
  const log = state.log.filter((one) => one.number > cleared);
  none.hidden = log.length > 0;
  keyed(
    rows,
    log.map((one, number) => ({ key: String(one.number), signature: "", draw: () => row(log, number) }))
  );
  stick();
}

/** Show the panel, or put it away. */
export function toggle(wanted = $("happened").hidden) {
  $("happened").hidden = !wanted;
  $("happened-toggle").setAttribute("aria-expanded", String(wanted));
  if (!wanted) $("happened-toggle").focus();
}

$("happened-toggle").addEventListener("click", () => toggle());
$("happened").addEventListener("keydown", (event) => {
  if (event.key === "Escape") toggle(false);
});
if (matchMedia("(min-width: 75rem)").matches) toggle(true);
on(["log"], show);
