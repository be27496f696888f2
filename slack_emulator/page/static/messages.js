/**
 * Messages: one row each, with what hangs on it, and what a person can do with it.
 * @module
 */
import { drawBlock, picture } from "./blocks.js";
import { arrows, button, keyed, make } from "./dom.js";
import { emoji, pick } from "./emoji.js";
import { act, asking, trying } from "./live.js";
import { mrkdwn, unescaped } from "./mrkdwn.js";
import { tell } from "./notice.js";
import { ask, menu } from "./popup.js";
import { channelOf, clock, nameOf, on, set, state, titleOf } from "./state.js";

const TOGETHER = 300; // seconds within which messages of one author stand together
const LONG = { characters: 1500, lines: 20 }; // a text with more is folded
const WRITTEN = [undefined, "file_share", "thread_broadcast", "bot_message"]; // subtypes of what somebody wrote
const unfolded = new Set(); // by ts

/** Draw the face of an author: initials on a colour of their own. */
export function face(id, name, app = false) {
  const colour = [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  const initials = name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("");
  return make("span", { class: `face ${app ? "app" : `c${colour}`}`, "aria-hidden": "true" }, initials.toUpperCase());
}

/** Turn a stored text back into what a person types. */
export function asTyped(text) {
  const mark = (_, sign, body, label) => {
    if (sign === "@") return `@${nameOf(body)}`;
    if (sign === "#") return `#${label || channelOf(body)?.name || body}`;
    return sign === "!" ? `@${body}` : body;
  };
  return unescaped(text.replace(/<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>/g, mark));
}

const typedHere = (message) => message.client_msg_id && (message.blocks ?? []).every((block) => block.type === "rich_text");

function body(message) {
  const told = (block, element) => ({ user: state.user, thing: message.ts, block_id: block.block_id, action_id: element.action_id });
  const press = (block, element, value) => asking("press", { ...told(block, element), value });
  const suggest = (block, element, typed) => act("suggest", { ...told(block, element), typed }).catch((error) => ({ error: error.message }));
  if (message.blocks && !typedHere(message)) return message.blocks.map((block) => drawBlock(block, { press, suggest }));
  const edited = message.edited && make("span", { class: "note" }, " (edited)");
  const text = message.text && make("div", { class: "text" }, mrkdwn(message.text), edited);
  const long = message.text.length > LONG.characters || message.text.split("\n").length > LONG.lines;
  return text && long ? [text, folding(message.ts, text)] : text;
}

/** Fold a long text, and give the button that shows it whole. */
function folding(ts, text) {
  const show = () => {
    text.classList.toggle("folded", !unfolded.has(ts));
    fold.textContent = unfolded.has(ts) ? "Show less" : "Show more";
    fold.setAttribute("aria-expanded", String(unfolded.has(ts)));
  };
  const toggle = () => {
    if (!unfolded.delete(ts)) unfolded.add(ts);
    show();
  };
  const fold = button("", toggle, { class: "fold", "data-focus": "fold" });
  show();
  return fold;
}

function attachment(one) {
  const title = one.title && make("strong", {}, one.title);
  const text = one.text && make("div", { class: "text" }, mrkdwn(one.text));
  return make("div", { class: "attachment" }, one.pretext && make("div", {}, mrkdwn(one.pretext)), title, text, (one.blocks ?? []).map((block) => drawBlock(block, {})));
}

function file(one) {
  const url = one.url_private;
  const name = make("a", { href: url, target: "_blank", rel: "noopener" }, one.title || one.name);
  const shown = one.mimetype?.startsWith("image/") && picture({ image_url: url, alt_text: one.alt_txt || one.title || one.name });
  const size = one.size && make("span", { class: "note" }, ` ${Math.max(1, Math.round(one.size / 1024))} KB`);
  return make("figure", { class: "file" }, make("figcaption", {}, shown ? "" : "📄 ", name, size), shown);
}

const about = (message) => ({ user: state.user, channel: state.channel, ts: message.ts });

const react = (message) => (name) => {
  const mine = message.reactions?.find((one) => one.name === name)?.users.includes(state.user);
  trying(mine ? "unreact" : "react", { ...about(message), emoji: name });
};

function reactions(message) {
  if (!message.reactions) return null;
  const chips = message.reactions.map(({ name, users, count }) => {
    const who = users.map((id) => (id === state.user ? "you" : nameOf(id))).join(", ");
    const attributes = {
      class: "chip",
      "aria-pressed": String(users.includes(state.user)),
      "aria-label": `${name}, ${count}: ${who}`,
      title: `:${name}: ${who}`,
      "data-focus": `chip ${name}`,
    };
    return button(emoji(name), () => react(message)(name), attributes, ` ${count}`);
  });
  return make("div", { class: "reactions" }, chips);
}

/** Open a thread and go there. */
export const openThread = (ts) => {
  set({ thread: ts });
  document.querySelector("#thread textarea")?.focus();
};

async function remove(message, why) {
  const text = make("blockquote", { class: "folded" }, mrkdwn(message.text || message.files?.map((one) => one.name).join(", ")));
  const question = { title: "Delete this message?", text: [why && make("p", {}, why), text], confirm: "Delete", danger: true };
  if (await ask(question)) trying("delete", about(message));
}

function more(message, anchor) {
  const use = (shortcut) => () => asking("shortcut", { ...about(message), callback_id: shortcut.callback_id });
  const ours = state.overview.shortcuts.filter((shortcut) => shortcut.kind === "message");
  const address = `${location.origin}/archives/${state.channel}/p${message.ts.replace(".", "")}`;
  const items = [
    ...ours.map((shortcut) => ({ label: shortcut.name, note: state.overview.app, choose: use(shortcut) })),
    { label: "Copy link", choose: () => navigator.clipboard.writeText(address) },
  ];
  if (message.user === state.user && WRITTEN.includes(message.subtype)) {
    items.push({ label: "Edit message", choose: () => edit(message) });
    items.push({ label: "Delete message…", danger: true, choose: () => remove(message) });
  }
  menu(anchor, "Message", items);
}

/** The tools that show when a row is pointed at, or has the focus. */
function tools(message, inThread) {
  if (message.ephemeral || message.subtype === "tombstone") return null;
  const has = { class: "icon", "aria-haspopup": "dialog", "aria-expanded": "false" };
  const thread = message.thread_ts ?? message.ts;
  return make(
    "div",
    { class: "tools" },
    button("☺", (event) => pick(event.currentTarget, react(message)), { ...has, "aria-label": "React", title: "React", "data-focus": "react" }),
    !inThread && button("↳", () => openThread(thread), { class: "icon", "aria-label": "Reply in thread", title: "Reply in thread", "data-focus": "reply" }),
    button("⋮", (event) => more(message, event.currentTarget), { ...has, "aria-haspopup": "menu", "aria-label": "More actions", title: "More actions", "data-focus": "more" })
  );
}

function edit(message) {
  set({ editing: { ts: message.ts, draft: asTyped(message.text) } });
  const field = document.querySelector(".editor textarea");
  field?.focus();
  field?.setSelectionRange(field.value.length, field.value.length);
}

function editor(message) {
  const field = make("textarea", { "aria-label": "Edit message", rows: 2, "data-focus": "editor" });
  field.value = state.editing.draft;
  field.addEventListener("input", () => (state.editing.draft = field.value));
  const close = () => set({ editing: null });
  const save = async () => {
    if (!field.value.trim() && !message.files) {
      remove(message, "A message cannot be empty. Delete it instead?");
      return;
    }
    try {
      await act("edit", { ...about(message), text: field.value.trim(), typed: true });
      close();
    } catch (error) {
      tell(error.message);
    }
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      save();
    }
  });
  return make("div", { class: "editor" }, field, make("div", { class: "feet" }, button("Cancel", close), button("Save", save, { class: "primary" })));
}

function threadLink(message, replies) {
  if (!replies.length) return null;
  const secret = replies.filter((reply) => reply.ephemeral).length;
  const count = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
  const last = `last ${clock(replies.at(-1).ts)}${secret ? `, ${secret} only visible to you` : ""}`;
  const authors = [...new Map(replies.map((reply) => [reply.user, reply])).values()].slice(0, 3);
  const faces = authors.map((reply) => face(reply.user, reply.author, Boolean(reply.bot_id)));
  return button("", () => openThread(message.ts), { class: "thread-link", "data-focus": "thread" }, ...faces, make("b", {}, count), make("span", { class: "note" }, last));
}

/** Say where a reply that was also sent to the channel comes from, or went. */
function origin(message, inThread) {
  if (inThread) return make("p", { class: "note" }, `Also sent to ${titleOf(channelOf(state.channel))}`);
  return button("↳ replied to a thread", () => openThread(message.thread_ts), { class: "origin", "data-focus": "origin" });
}

function row(message, { follows, day, replies, inThread }) {
  const editing = state.editing?.ts === message.ts;
  const app = Boolean(message.bot_id);
  const at = new Date(message.ts * 1000);
  const time = make("time", { datetime: at.toISOString(), title: at.toLocaleString() }, clock(message.ts));
  const head = make("div", { class: "head" }, make("b", {}, message.author), app && make("span", { class: "badge" }, "App"), time);
  const icon = message.icon_emoji && make("span", { class: "face app", "aria-hidden": "true" }, emoji(message.icon_emoji.replaceAll(":", "")));
  const classes = `message${follows ? " follows" : ""}${message.ephemeral ? " ephemeral" : ""}${WRITTEN.includes(message.subtype) ? "" : " aside"}`;
  return make(
    "li",
    {},
    day && make("p", { class: "day" }, make("span", {}, day)),
    make(
      "article",
      { class: classes, tabindex: "-1", "aria-label": `${message.author}, ${clock(message.ts)}`, "data-ts": message.ts },
      follows ? time : icon || face(message.user, message.author, app),
      make(
        "div",
        { class: "content" },
        message.ephemeral && make("p", { class: "only-you" }, "👁 Only visible to you"),
        !follows && head,
        message.subtype === "thread_broadcast" && origin(message, inThread),
        editing ? editor(message) : body(message),
        (message.attachments ?? []).map(attachment),
        (message.files ?? []).map(file),
        reactions(message),
        threadLink(message, replies)
      ),
      !editing && tools(message, inThread)
    )
  );
}

/** Bring a list in step with messages; `repliesOf` gives those of a message's thread, where they are not shown here. */
export function list(parent, messages, repliesOf) {
  let before = null;
  const items = messages.map((message) => {
    const day = new Date(message.ts * 1000).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
    const newDay = day !== before?.day;
    const near = before && message.ts - before.message.ts < TOGETHER && !newDay;
    const alike = near && before.message.author === message.author && before.message.user === message.user;
    const follows = Boolean(alike && before.message.ephemeral === message.ephemeral && WRITTEN.includes(message.subtype) && WRITTEN.includes(before.message.subtype));
    before = { day, message };
    const shape = { follows, day: newDay && repliesOf ? day : "", replies: repliesOf?.(message) ?? [], inThread: !repliesOf };
    const editing = state.editing?.ts === message.ts;
    return {
      key: message.ts,
      signature: JSON.stringify([message, shape, state.user, editing]),
      draw: () => row(message, shape),
    };
  });
  keyed(parent, items);
  roving(parent);
}

/** Let Tab reach one message, the newest unless the focus is on another, and the arrow keys the others. */
function roving(parent) {
  const stop = (wanted) => {
    for (const one of parent.querySelectorAll(".message")) one.tabIndex = one === wanted ? 0 : -1;
  };
  const all = [...parent.querySelectorAll(".message")];
  stop(all.find((one) => one.contains(document.activeElement)) ?? all.at(-1));
  if (parent.dataset.roving) return;
  parent.dataset.roving = "yes";
  arrows(parent, ".message");
  parent.addEventListener("focusin", ({ target }) => target.matches(".message") && stop(target));
}

/** Say what others have written, for screen readers. */
let newest = null;
on(["messages"], () => {
  const { user, channel, list: all } = state.messages;
  const place = `${user} ${channel}`;
  const fresh = newest?.place === place ? all.filter((one) => one.ts > newest.ts && one.user !== user) : [];
  if (fresh.length) {
    document.getElementById("announcer").textContent = fresh.map((one) => `${one.author}: ${asTyped(one.text)}`).join(". ");
  }
  newest = { place, ts: all.at(-1)?.ts ?? "" };
});

export const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts && message.subtype !== "thread_broadcast";
