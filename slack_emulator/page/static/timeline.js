/**
 * The channel that is open: its messages, or an invitation where there is none yet; and the thread beside it.
 * @module
 */
import { composer } from "./composer.js";
import { $, button, make, stickToEnd } from "./dom.js";
import { isReply, list } from "./messages.js";
import { channelOf, on, set, state, titleOf } from "./state.js";

let shown = "";
let sought = "";

const channelName = () => {
  const channel = channelOf(state.channel);
  return channel ? (channel.kind === "im" ? titleOf(channel) : `#${channel.name}`) : "";
};

const main = composer({ id: "composer-text", label: () => `Message ${channelName()}`, thread: () => undefined });
$("composer").append(main.element);
const { stick } = stickToEnd($("scroll"), $("messages"));

const repliesOf = (message) =>
  state.messages.list.filter((one) => one.thread_ts === message.ts && one.ts !== message.ts);

/** What to try in a channel where nothing was said yet. */
function invitation() {
  const { overview } = state;
  const channel = channelOf(state.channel);
  if (channel.is_archived) return [make("h3", {}, "This channel is archived")];
  const bot = overview.users.find((user) => user.id === overview.bot_user_id);
  const inside = channel.members.includes(bot.id);
  const command = overview.commands[0]?.command;
  const tries = [];
  if (command) tries.push(`${command} ${overview.example}`);
  if (channel.kind === "im") tries.push(overview.example);
  else if (inside) tries.push(`@${bot.name} ${overview.example}`);
  else tries.push(`/invite @${bot.name}`);
  const title = channel.kind === "im" ? `This is between you and ${overview.app}` : `Nothing was said in #${channel.name} yet`;
  const hint = inside ? "Try one of these:" : `${overview.app} is not in this channel. Its commands work here, mentions do not. Try:`;
  return [make("h3", {}, title), make("p", {}, hint), make("div", { class: "tries" }, tries.map((one) => button(one, () => main.fill(one), { class: "try" })))];
}

function show() {
  if (!state.messages || !state.overview) return;
  const scroll = $("scroll");
  const { user, channel, list: all } = state.messages;
  const place = `${user} ${channel}`;
  const top = all.filter((message) => !isReply(message));
  if (place !== shown) $("messages").replaceChildren();
  list($("messages"), top, repliesOf);
  if (place !== shown) scroll.scrollTop = scroll.scrollHeight;
  stick();
  const empty = all.length === 0;
  if (empty && ($("empty").hidden || place !== shown)) $("empty").replaceChildren(...invitation());
  $("empty").hidden = !empty;
  $("skeleton").hidden = true;
  $("main").setAttribute("aria-busy", "false");
  main.relabel();
  shown = place;
  seek();
  showThread();
}

/** Go to the message that the address names. */
export function goTo(ts) {
  sought = ts;
  seek();
}

function seek() {
  const message = sought && state.messages?.list.find((one) => one.ts === sought);
  if (!message) return;
  if (isReply(message)) set({ thread: message.thread_ts });
  const row = document.querySelector(`[data-ts="${sought}"]`);
  sought = "";
  row?.scrollIntoView({ block: "center" });
  row?.focus({ preventScroll: true });
}

// ── the thread ──────────────────────────────────────────────────────────────────────────────────────────────────

const rows = make("ol", { "aria-label": "Replies" });
const replies = make("div", { class: "scroll" }, rows);
const leave = () => [...rows.querySelectorAll(".message")].at(-1)?.focus();
const below = composer({ id: "thread-text", label: () => "Reply", thread: () => state.thread, leave });
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

on(["messages", "editing"], show);
on(["thread"], showThread);
on(["overview"], () => {
  main.relabel();
  below.relabel();
});
