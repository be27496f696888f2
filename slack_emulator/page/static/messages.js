/**
 * Messages, with their reactions, files and menus.
 * @module
 */
import { drawBlock, picture } from "./blocks.js";
import { formatDay, formatDayAndTime, formatLastReply, formatTime } from "./dates.js";
import { button, enableArrowKeys, make, updateChildren } from "./dom.js";
import { emoji, pick } from "./emoji.js";
import { interact, perform, tryPerform } from "./server.js";
import { mrkdwn, unescape } from "./mrkdwn.js";
import { showNotice } from "./notices.js";
import { confirmDialog, menu } from "./popup.js";
import { channelOf, nameOf, on, people, set, state, titleOf } from "./state.js";

const GROUP_SECONDS = 300; // messages of one author within this time are grouped
const FOLD_LIMIT = { characters: 1500, lines: 20 }; // longer texts are folded
const USER_SUBTYPES = [undefined, "file_share", "thread_broadcast", "bot_message"]; // others are system messages
const COLOURS = 12; // of avatars, see components.css
const unfolded = new Set(); // ts of messages

/** Render the avatar of an author: the initials on a colour, which the first twelve people have to themselves. */
export function avatar(id, name, app = false) {
  const colour = Math.max(0, people().findIndex((user) => user.id === id)) % COLOURS;
  const initials = name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("");
  return make("span", { class: `avatar ${app ? "app" : `c${colour}`}`, "aria-hidden": "true" }, initials.toUpperCase());
}

/** Convert mrkdwn back into text as a person types it. */
export function toTyped(text) {
  const replace = (_, sign, body, label) => {
    if (sign === "@") return `@${nameOf(body)}`;
    if (sign === "#") return `#${label || channelOf(body)?.name || body}`;
    return sign === "!" ? `@${body}` : body;
  };
  return unescape(text.replace(/<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>/g, replace));
}

const isPlain = (message) => message.client_msg_id && (message.blocks ?? []).every((block) => block.type === "rich_text");

function content(message) {
  const target = (block, element) => ({ user: state.user, thing: message.ts, block_id: block.block_id, action_id: element.action_id });
  const press = (block, element, value) => interact("press", { ...target(block, element), value });
  const suggest = (block, element, typed) => perform("suggest", { ...target(block, element), typed }).catch((error) => ({ error: error.message }));
  if (message.blocks && !isPlain(message)) return message.blocks.map((block) => drawBlock(block, { press, suggest }));
  const edited = message.edited && make("span", { class: "note" }, " (edited)");
  const text = message.text && make("div", { class: "text" }, mrkdwn(message.text), edited);
  const long = message.text.length > FOLD_LIMIT.characters || message.text.split("\n").length > FOLD_LIMIT.lines;
  return text && long ? [text, foldButton(message.ts, text)] : text;
}

/** Fold a long text, and return the button that unfolds it. */
function foldButton(ts, text) {
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

const reference = (message) => ({ user: state.user, channel: message.channel, ts: message.ts });

const react = (message) => (name) => {
  const mine = message.reactions?.find((one) => one.name === name)?.users.includes(state.user);
  tryPerform(mine ? "unreact" : "react", { ...reference(message), emoji: name });
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

/** Open a thread and focus its composer. */
export const openThread = (ts) => {
  set({ thread: ts });
  document.querySelector("#thread textarea")?.focus();
};

async function remove(message, reason) {
  const text = make("blockquote", { class: "folded" }, mrkdwn(message.text || message.files?.map((one) => one.name).join(", ")));
  const question = { title: "Delete this message?", text: [reason && make("p", {}, reason), text], confirm: "Delete", danger: true };
  if (await confirmDialog(question)) tryPerform("delete", reference(message));
}

function openMenu(message, anchor) {
  const use = (shortcut) => () => interact("shortcut", { ...reference(message), callback_id: shortcut.callback_id });
  const shortcuts = state.overview.shortcuts.filter((shortcut) => shortcut.kind === "message");
  const address = `${location.origin}/archives/${message.channel}/p${message.ts.replace(".", "")}`;
  const items = [
    ...shortcuts.map((shortcut) => ({ label: shortcut.name, note: state.overview.app, choose: use(shortcut) })),
    { label: "Copy link", choose: () => navigator.clipboard.writeText(address) },
  ];
  if (message.user === state.user && USER_SUBTYPES.includes(message.subtype)) {
    items.push({ label: "Edit message", choose: () => edit(message) });
    items.push({ label: "Delete message…", danger: true, choose: () => remove(message) });
  }
  menu(anchor, "Message", items);
}

/** Render the buttons that appear when a message is hovered or focused. */
function tools(message, inThread) {
  if (message.ephemeral || message.subtype === "tombstone") return null;
  const has = { class: "icon", "aria-haspopup": "dialog", "aria-expanded": "false" };
  const thread = message.thread_ts ?? message.ts;
  return make(
    "div",
    { class: "tools" },
    button("☺", (event) => pick(event.currentTarget, react(message)), { ...has, "aria-label": "React", title: "React", "data-focus": "react" }),
    !inThread && button("↳", () => openThread(thread), { class: "icon", "aria-label": "Reply in thread", title: "Reply in thread", "data-focus": "reply" }),
    button("⋮", (event) => openMenu(message, event.currentTarget), { ...has, "aria-haspopup": "menu", "aria-label": "More actions", title: "More actions", "data-focus": "more" })
  );
}

function edit(message) {
  set({ editing: { ts: message.ts, draft: toTyped(message.text) } });
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
      await perform("edit", { ...reference(message), text: field.value.trim(), typed: true });
      close();
    } catch (error) {
      showNotice(error.message);
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
  return make("div", { class: "editor" }, field, make("div", { class: "buttons" }, button("Cancel", close), button("Save", save, { class: "primary" })));
}

function threadLink(message, replies) {
  if (!replies.length) return null;
  const ephemeral = replies.filter((reply) => reply.ephemeral).length;
  const count = `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`;
  const last = `Last reply ${formatLastReply(replies.at(-1).ts)}${ephemeral ? `, ${ephemeral} only visible to you` : ""}`;
  const authors = [...new Map(replies.map((reply) => [reply.user, reply])).values()].slice(0, 3);
  const avatars = authors.map((reply) => avatar(reply.user, reply.author, Boolean(reply.bot_id)));
  return button("", () => openThread(message.ts), { class: "thread-link", "data-focus": "thread" }, ...avatars, make("b", {}, count), make("span", { class: "note" }, last));
}

/** Render the note of a reply that was also sent to the channel. */
function broadcastNote(message, inThread) {
  if (inThread) return make("p", { class: "note" }, `Also sent to ${titleOf(channelOf(state.channel))}`);
  return button("↳ replied to a thread", () => openThread(message.thread_ts), { class: "origin", "data-focus": "origin" });
}

function row(message, { follows, afterEphemeral, day, replies, inThread }) {
  const editing = state.editing?.ts === message.ts;
  const app = Boolean(message.bot_id);
  const at = new Date(message.ts * 1000);
  const time = make("time", { datetime: at.toISOString(), title: formatDayAndTime(message.ts) }, formatTime(message.ts));
  const head = make("div", { class: "head" }, make("b", {}, message.author), app && make("span", { class: "badge" }, "App"), time);
  const icon = message.icon_emoji && make("span", { class: "avatar app", "aria-hidden": "true" }, emoji(message.icon_emoji.replaceAll(":", "")));
  const classes = `message${follows ? " follows" : ""}${message.ephemeral ? " ephemeral" : ""}${afterEphemeral ? " after-ephemeral" : ""}${USER_SUBTYPES.includes(message.subtype) ? "" : " aside"}`;
  return make(
    "li",
    {},
    day && make("p", { class: "day" }, make("span", {}, day)),
    make(
      "article",
      { class: classes, tabindex: "-1", "aria-label": `${message.author}, ${formatTime(message.ts)}`, "data-ts": message.ts },
      follows ? time : icon || avatar(message.user, message.author, app),
      make(
        "div",
        { class: "content" },
        message.ephemeral && make("p", { class: "only-you" }, "👁 Only visible to you"),
        !follows && head,
        message.subtype === "thread_broadcast" && broadcastNote(message, inThread),
        editing ? editor(message) : content(message),
        (message.attachments ?? []).map(attachment),
        (message.files ?? []).map(file),
        reactions(message),
        threadLink(message, replies)
      ),
      !editing && tools(message, inThread)
    )
  );
}

/** Update a list of messages. `repliesOf` returns the replies of a message, if the list does not show them. */
export function list(parent, messages, repliesOf) {
  let before = null;
  const items = messages.map((message) => {
    const day = formatDay(message.ts);
    const newDay = day !== before?.day;
    const near = before && message.ts - before.message.ts < GROUP_SECONDS && !newDay;
    const sameAuthor = near && before.message.author === message.author && before.message.user === message.user;
    const follows = Boolean(sameAuthor && before.message.ephemeral === message.ephemeral && USER_SUBTYPES.includes(message.subtype) && USER_SUBTYPES.includes(before.message.subtype));
    const afterEphemeral = Boolean(message.ephemeral && before?.message.ephemeral && !newDay);
    before = { day, message };
    const shape = { follows, afterEphemeral, day: newDay && repliesOf ? day : "", replies: repliesOf?.(message) ?? [], inThread: !repliesOf };
    const editing = state.editing?.ts === message.ts;
    return {
      key: message.ts,
      signature: JSON.stringify([message, shape, state.user, editing]),
      draw: () => row(message, shape),
    };
  });
  updateChildren(parent, items);
  enableRovingFocus(parent);
}

/** Make one message reachable by Tab, and the others by the arrow keys. */
function enableRovingFocus(parent) {
  const makeReachable = (wanted) => {
    for (const one of parent.querySelectorAll(".message")) one.tabIndex = one === wanted ? 0 : -1;
  };
  const all = [...parent.querySelectorAll(".message")];
  makeReachable(all.find((one) => one.contains(document.activeElement)) ?? all.at(-1));
  if (parent.dataset.roving) return;
  parent.dataset.roving = "yes";
  enableArrowKeys(parent, ".message");
  parent.addEventListener("focusin", ({ target }) => target.matches(".message") && makeReachable(target));
}

/** Announce messages of others to screen readers. */
let newest = null;
on(["messages"], () => {
  const { user, channel, list: all } = state.messages;
  const place = `${user} ${channel}`;
  const fresh = newest?.place === place ? all.filter((one) => one.ts > newest.ts && one.user !== user) : [];
  if (fresh.length) {
    document.getElementById("announcer").textContent = fresh.map((one) => `${one.author}: ${toTyped(one.text)}`).join(". ");
  }
  newest = { place, ts: all.at(-1)?.ts ?? "" };
});

export const isReply = (message) => message.thread_ts && message.thread_ts !== message.ts && message.subtype !== "thread_broadcast";
