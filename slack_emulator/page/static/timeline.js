/**
 * The open channel, with an introduction at its top, and the open thread.
 * @module
 */
import { composer } from "./composer.js";
import { $, button, make, stickToEnd } from "./dom.js";
import { isReply, list } from "./messages.js";
import { channelOf, on, set, state, titleOf } from "./state.js";
import { suggestionList } from "./suggestions.js";

let shown = "";
let introduced = ""; // what the introduction depends on
let target = ""; // ts of the message to scroll to

const channelName = () => {
  const channel = channelOf(state.channel);
  return channel ? (channel.kind === "im" ? titleOf(channel) : `#${channel.name}`) : "";
};

/** Open the thread of what one has written to an agent, as Slack does: the answer is in it. */
const openConversation = (ts) => {
  if (state.overview.agent && channelOf(state.channel)?.kind === "im") set({ thread: ts });
};
const main = composer({ id: "composer-text", label: () => `Message ${channelName()}`, thread: () => undefined, sent: openConversation });
$("composer").before(suggestionList(main.fill));
$("composer").append(main.element);
const { stick } = stickToEnd($("scroll"), $("messages"));

const repliesOf = (message) =>
  state.messages.list.filter((one) => one.thread_ts === message.ts && one.ts !== message.ts);

/** Render what one can write in a channel without messages. */
function examples(channel) {
  const { overview } = state;
  const bot = overview.users.find((user) => user.id === overview.bot_user_id);
  const joined = channel.members.includes(bot.id);
  const command = overview.commands[0]?.command;
  const texts = [];
  if (command) texts.push(`${command} ${overview.example}`);
  if (channel.kind === "im") texts.push(overview.example);
  else if (joined) texts.push(`@${bot.name} ${overview.example}`);
  else texts.push(`/invite @${bot.name}`);
  const hint = joined ? "Try one of these:" : `${overview.app} is not in this channel. Commands work here, mentions do not. Try:`;
  return [make("p", {}, hint), make("div", { class: "examples" }, texts.map((one) => button(one, () => main.fill(one), { class: "suggestion" })))];
}

/** Render the prompts of an agent, which Slack shows above its messages. */
function prompts({ title, prompts: suggested }) {
  const fill = ({ title: label, message }) => button(label, () => main.fill(message), { class: "suggestion", title: message });
  return [title && make("p", {}, title), make("div", { class: "examples" }, suggested.map(fill))];
}

/** Render the introduction of a channel. */
function introduction(channel, isEmpty) {
  const archived = channel.is_archived && make("p", {}, "This channel is archived and read-only.");
  const suggested = channel.id === state.agent?.channel && state.agent.prompts;
  const begin = suggested ? prompts(suggested) : isEmpty && !channel.is_archived ? examples(channel) : [];
  if (channel.kind === "im") {
    return [make("h3", {}, titleOf(channel)), make("p", {}, `This is the beginning of your direct messages with ${titleOf(channel)}. Nobody else sees them.`), begin];
  }
  const text = `This is the very beginning of the ${channelName()} channel.`;
  return [make("h3", {}, `# ${titleOf(channel)}`), make("p", {}, text), channel.topic && make("p", {}, channel.topic), archived, begin];
}

/** Show the introduction, if all messages are shown. */
function showIntroduction({ list: all, is_whole: isWhole }) {
  const channel = channelOf(state.channel);
  const content = isWhole ? introduction(channel, !all.length).flat() : [make("p", {}, `Only the latest ${all.length} messages are shown.`)];
  $("introduction").replaceChildren(...content.filter(Boolean));
}

function show() {
  if (!state.messages || !state.overview) return;
  const scroll = $("scroll");
  const { user, channel, list: all } = state.messages;
  const place = `${user} ${channel}`;
  const top = all.filter((message) => !isReply(message));
  const begin = JSON.stringify([place, all.length === 0, state.messages.is_whole, channelOf(state.channel), state.agent?.prompts]);
  if (begin !== introduced) showIntroduction(state.messages);
  introduced = begin;
  if (place !== shown) $("messages").replaceChildren();
  list($("messages"), top, repliesOf);
  if (place !== shown) scroll.scrollTop = scroll.scrollHeight;
  stick();
  $("skeleton").hidden = true;
  $("main").setAttribute("aria-busy", "false");
  main.relabel();
  shown = place;
  scrollToTarget();
  showThread();
}

/** Scroll to a message, now or once it is loaded. */
export function scrollToMessage(ts) {
  target = ts;
  scrollToTarget();
}

function scrollToTarget() {
  const message = target && state.messages?.list.find((one) => one.ts === target);
  if (!message) return;
  if (isReply(message)) set({ thread: message.thread_ts });
  const row = document.querySelector(`[data-ts="${target}"]`);
  target = "";
  row?.scrollIntoView({ block: "center" });
  row?.focus({ preventScroll: true });
}

// ── the thread ──────────────────────────────────────────────────────────────────────────────────────────────────

const rows = make("ol", { "aria-label": "Replies" });
const replies = make("div", { class: "scroll" }, rows);
const leave = () => [...rows.querySelectorAll(".message")].at(-1)?.focus();
const below = composer({ id: "thread-text", label: () => "Reply", thread: () => state.thread, leave, broadcasts: true });
const close = () => {
  const row = document.querySelector(`#messages [data-ts="${state.thread}"]`);
  set({ thread: "" });
  row?.focus();
};
$("thread").append(
  make("header", { class: "bar" }, make("h2", {}, "Thread"), button("✕", close, { class: "icon", "aria-label": "Close the thread" })),
  replies,
  make("div", { class: "composer-place" }, below.element)
);
$("thread").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !event.target.closest(".editor")) close();
});

const { stick: stickReplies } = stickToEnd(replies, rows);

let openThread = "";
function showThread() {
  const inside = state.messages?.list.filter((one) => one.ts === state.thread || one.thread_ts === state.thread) ?? [];
  $("thread").hidden = !state.thread || !inside.length;
  if ($("thread").hidden) {
    openThread = "";
    return;
  }
  if (openThread !== state.thread) rows.replaceChildren();
  list(rows, inside);
  if (openThread !== state.thread) replies.scrollTop = replies.scrollHeight;
  stickReplies();
  openThread = state.thread;
}

on(["messages", "editing", "agent"], show);
on(["thread"], showThread);
on(["overview"], () => {
  main.relabel();
  below.relabel();
});
