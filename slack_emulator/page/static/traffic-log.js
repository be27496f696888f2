/**
 * The traffic log, “What just happened”: what people did, and below each the payloads, acknowledgements and API calls.
 * @module
 */
import { $, button, make, stickToEnd, updateChildren } from "./dom.js";
import { on, set, state } from "./state.js";
import { groupByCause } from "./traffic-groups.js";

const TO_APP = { event: true, command: true, interaction: true };
const LABELS = { api: "API", response_url: "reply" };
const rows = make("ol", {});
const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Traffic log" }, rows);
const none = make("p", { class: "empty" }, "No traffic yet. Write a message to see the event that the app receives, and its API calls.");
const opened = new Set(); // keys of groups
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

/** Render the time of day. */
const clock = (at, ...more) => make("time", {}, new Date(at * 1000).toLocaleTimeString([], { hour12: false }), ...more);

function row({ at, kind, name, sent, answer, note: remark }) {
  const refused = answer && answer.ok === false;
  const toApp = kind in TO_APP;
  const short = kind === "response_url" ? "response_url" : name;
  const attempt = kind !== "ack" && sent.retry_attempt ? `attempt ${sent.retry_attempt + 1}` : "";
  const note = refused ? [answer.error, remark].filter(Boolean).join(": ") : attempt;
  const direction = kind === "socket" ? "⇄" : toApp ? "→" : "←";
  const summary = make(
    "summary",
    {},
    clock(at, make("small", {}, `.${String(Math.floor((at % 1) * 1000)).padStart(3, "0")}`)),
    make("span", { class: "direction", title: toApp ? "to the app" : "from the app" }, direction),
    make("span", { class: `kind ${kind}` }, LABELS[kind] ?? kind),
    make("code", {}, short),
    make("span", { class: refused ? "refused" : "note" }, note)
  );
  const details = make("details", { class: "entry" }, summary);
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

/** Return what the app did about it, and after how many milliseconds. */
function outcome({ ack, answer, entries }) {
  const refused = entries.find((entry) => entry.answer?.ok === false);
  const steps = [ack && `acknowledged in ${ack} ms`, answer && `answered after ${answer} ms`];
  return [...steps, refused && `${refused.name} failed: ${refused.answer.error}`].filter(Boolean);
}

/** Render what a person did; its entries are rendered when it is opened. */
function groupRow(group) {
  const steps = outcome(group).map((step) => make("span", { class: step.includes("failed") ? "refused" : "step" }, `→ ${step}`));
  const summary = make("summary", { "data-focus": "group" }, clock(group.at), make("span", { class: "cause" }, make("b", {}, `${group.who}: `), group.what), make("span", { class: "steps" }, steps));
  const entries = make("ol", {});
  const details = make("details", { class: "group", open: opened.has(group.key) }, summary, entries);
  summary.addEventListener("click", release);
  const fill = () => {
    if (details.open) opened.add(group.key);
    else opened.delete(group.key);
    entries.replaceChildren(...(details.open ? group.entries.map(row) : []));
  };
  details.addEventListener("toggle", fill);
  if (details.open) fill();
  return make("li", {}, details);
}

function show() {
  if (!state.overview || !state.logOpen) return;
  const groups = groupByCause(state.log.filter((entry) => entry.number > cleared));
  none.hidden = groups.length > 0;
  const signature = (group) => JSON.stringify([group.what, group.entries.length, outcome(group)]);
  updateChildren(rows, groups.map((group) => ({ key: group.key, signature: signature(group), draw: () => groupRow(group) })));
  stick();
}

/** Show or hide the panel. */
export function toggle(visible = $("traffic-log").hidden) {
  $("traffic-log").hidden = !visible;
  set({ logOpen: visible });
  $("traffic-log-toggle").setAttribute("aria-expanded", String(visible));
  if (!visible) $("traffic-log-toggle").focus();
}

$("traffic-log-toggle").addEventListener("click", () => toggle());
$("traffic-log").addEventListener("keydown", (event) => {
  if (event.key === "Escape") toggle(false);
});
on(["log", "overview", "logOpen"], show);
