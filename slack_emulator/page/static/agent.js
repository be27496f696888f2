/**
 * The panel of an app with an agent view: one conversation with it, beside whatever is open.
 * @module
 */
import { composer } from "./composer.js";
import { $, button, make, stickToEnd, updateChildren } from "./dom.js";
import { list } from "./messages.js";
import { tryPerform } from "./server.js";
import { channelOf, on, ownChannels, set, state } from "./state.js";

const CHANNEL = "slack#/types/channel_id";
const MESSAGE = "slack#/types/message_context";
const app = () => state.overview?.app ?? "";
const dm = () => (state.overview ? ownChannels().find(({ kind }) => kind === "im")?.id ?? "" : "");

const title = make("h2", {});
const context = make("p", { class: "agent-context" });
const greeting = make("p", { class: "agent-greeting" });
const prompts = make("ul", { class: "agent-prompts", "aria-label": "Suggested prompts" });
const start = make("div", { class: "agent-start" }, greeting, prompts);
const earlier = make("ul", { class: "agent-earlier", "aria-labelledby": "agent-earlier-title" });
const history = make("div", { class: "agent-start" }, make("h3", { id: "agent-earlier-title" }, "Earlier conversations"), earlier);
const rows = make("ol", { "aria-label": "Conversation" });
const scroll = make("div", { class: "scroll" }, start, history, rows);
const stop = button("Stop", () => tryPerform("stop_session", { user: state.user, thread_ts: state.conversation }), { class: "quiet" });
const working = make("div", { class: "agent-working", role: "status" }, make("span", {}, "Working…"), stop);
const another = button("＋", () => open(""), { class: "icon", "aria-label": "New conversation", title: "New conversation" });
const close = button("✕", () => toggle(false), { class: "icon", "aria-label": "Close the agent" });
const open = (conversation) => set({ conversation });
const below = composer({ id: "agent-text", label: () => `Ask ${app()}`, thread: () => state.conversation, channel: dm, sent: (ts) => state.conversation || open(ts) });
$("agent").append(
  make("header", { class: "bar" }, make("span", { class: "sign", "aria-hidden": "true" }, "✦"), title, another, close),
  context,
  scroll,
  working,
  make("div", { class: "composer-place" }, below.element)
);
$("agent").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !event.target.closest(".editor")) toggle(false);
});
const { stick } = stickToEnd(scroll, rows);

/** Say which channel or message the app knows to be open. */
function contextText(entities) {
  const first = entities[0];
  if (first?.type === MESSAGE) return `Looking at a message in #${channelOf(first.value.channel_id)?.name}`;
  return first?.type === CHANNEL ? `Looking at #${channelOf(first.value)?.name}` : "Looking at nothing that the app could read";
}

function suggestion({ title: label, message }) {
  const fill = () => below.fill(message);
  return { key: label, signature: message, draw: () => make("li", {}, button(label, fill, { class: "suggestion", title: message })) };
}

function conversation([ts, session]) {
  const label = session.title || "Untitled";
  return { key: ts, signature: label, draw: () => make("li", {}, button(label, () => open(ts), { class: "suggestion" })) };
}

function show() {
  const { overview, agent, agentOpen } = state;
  $("agent-toggle").hidden = !overview?.agent;
  $("agent-toggle").title = `Ask ${app()}`;
  $("agent-toggle").replaceChildren(make("span", { class: "sign", "aria-hidden": "true" }, "✦"), make("span", { class: "label" }, `Ask ${app()}`));
  $("agent").hidden = !agentOpen || !overview?.agent;
  if ($("agent").hidden || agent?.user !== state.user) return;
  const session = agent.sessions[state.conversation];
  const suggested = agent.prompts ?? overview.agent;
  title.textContent = session?.title || app();
  context.textContent = contextText(agent.context);
  start.hidden = Boolean(state.conversation);
  greeting.textContent = agent.prompts?.title || overview.agent.description;
  updateChildren(prompts, suggested.prompts.map(suggestion));
  const sessions = Object.entries(agent.sessions).reverse().slice(0, 5);
  history.hidden = start.hidden || !sessions.length;
  updateChildren(earlier, sessions.map(conversation));
  list(rows, agent.list.filter(({ ts, thread_ts }) => state.conversation && [ts, thread_ts].includes(state.conversation)));
  working.hidden = session?.status !== "processing";
  stop.hidden = !overview.agent.can_stop;
  below.relabel();
  stick();
}

/** Tell the app what is open beside its panel; nothing while the panel is closed or the app itself is open. */
async function lookAt() {
  if (!state.overview?.agent || !state.user) return;
  const channel = channelOf(state.channel);
  const visible = state.agentOpen && channel && channel.kind !== "im";
  if (!visible && !state.agent?.context.length) return;
  await tryPerform("look_at", visible ? { user: state.user, channel: channel.id, ts: state.thread || undefined } : { user: state.user });
}

async function toggle(visible = $("agent").hidden) {
  set({ agentOpen: visible, conversation: "" });
  $("agent-toggle").setAttribute("aria-expanded", String(visible));
  if (!visible) {
    $("agent-toggle").focus();
    return;
  }
  $("agent-text").focus();
  await lookAt();
  await tryPerform("open_home", { user: state.user, tab: "messages" });
}

/** Tell the app that its own messages are open, which is when it suggests prompts. */
function openMessages() {
  const inApp = channelOf(state.channel)?.kind === "im";
  if (state.overview?.agent && inApp && state.tab === "messages") tryPerform("open_home", { user: state.user, tab: "messages" });
}

$("agent-toggle").addEventListener("click", () => toggle());
on(["user"], () => state.conversation && set({ conversation: "" }));
on(["overview", "agent", "agentOpen", "conversation", "user"], show);
on(["user", "channel", "thread", "agentOpen"], lookAt);
on(["channel", "tab"], openMessages);
