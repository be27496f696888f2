/**
 * The composer for messages, commands and shortcuts. Enter sends, Shift+Enter starts a new line.
 * @module
 */
import { completion } from "./completion.js";
import { button, make } from "./dom.js";
import { chips, checkSize, upload } from "./files.js";
import { interact, perform } from "./server.js";
import { clearNotice, showNotice } from "./notices.js";
import { confirmDialog, menu } from "./popup.js";
import { channelOf, on, set, state } from "./state.js";
import { runStep } from "./workflow-step.js";

const MAX_TEXT = 40_000; // characters of a message, as in Slack

/** Use a global shortcut. */
const use = (shortcut) => interact("shortcut", { user: state.user, callback_id: shortcut.callback_id });

/** The commands of Slack itself. */
const BUILT_IN = {
  async "/invite"(text, target) {
    const name = text.replace(/^@/, "");
    const invited = state.overview.users.find((user) => user.name === name);
    if (!invited) throw new Error(`${name ? `There is nobody called ${name}. ` : ""}Type /invite @ and choose a person.`);
    await perform("invite", { ...target, invited: invited.id });
  },
  async "/archive"(_text, target) {
    const title = `Archive #${channelOf(target.channel).name}?`;
    const text = "An archived channel is read-only. This cannot be undone.";
    if (await confirmDialog({ title, text, confirm: "Archive", danger: true })) await perform("archive", target);
  },
};

/** Send a message with its files, or run a command. */
async function send(text, files, { channel, thread_ts, broadcast }) {
  const target = { user: state.user, channel };
  const command = text.split(/\s/)[0];
  const rest = text.slice(command.length).trim();
  if (text.length > MAX_TEXT) {
    throw new Error(`A message can have at most 40,000 characters; this one has ${text.length.toLocaleString("en")}.`);
  }
  if (files.length) {
    const ids = await Promise.all(files.map(upload));
    return perform("share", { ...target, files: ids, text, typed: true, thread_ts });
  }
  if (!command.startsWith("/")) {
    return perform("post", { ...target, text, typed: true, thread_ts, ...(broadcast ? { subtype: "thread_broadcast" } : {}) });
  }
  if (thread_ts) throw new Error(`${command} does not work in threads, as in Slack. Use it in the channel.`);
  if (BUILT_IN[command]) return BUILT_IN[command](rest, target);
  return perform("command", { ...target, command, text: rest, typed: true });
}

/**
 * Create a composer.
 * @param {{id: string, label: () => string, thread: () => string | undefined, leave?: () => void,
 *   channel?: () => string, sent?: (result: any) => void, broadcasts?: boolean}} options `leave` is called for Escape if
 *   no completion is shown, and `sent` with the ts of a message; `channel` is another one than the open channel;
 *   `broadcasts` is whether replies can also be sent to the channel.
 */
export function composer({ id, label, thread, leave, channel = () => state.channel, sent, broadcasts = false }) {
  const inThread = thread() !== undefined;
  const field = make("textarea", { id, rows: 1, spellcheck: "true", enterkeyhint: "send" });
  const completions = completion(field, use);
  const hint = make("span", { class: "hint" });
  let files = [];
  const attached = make("ul", { class: "attached" });
  const attach = (more) => {
    files = [...files, ...checkSize(more)];
    showFiles();
    field.focus();
  };
  const showFiles = () => {
    const remove = (number) => {
      files = files.filter((_, at) => at !== number);
      showFiles();
    };
    attached.replaceChildren(...chips(files.map((file) => file.name), remove));
    updateHint();
  };
  const chooser = make("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files to attach" });
  chooser.addEventListener("change", () => {
    attach(chooser.files);
    chooser.value = "";
  });
  const clip = button("📎", () => chooser.click(), { class: "icon", "aria-label": "Attach files", title: "Attach files" });
  const openShortcuts = (event) => {
    const { app, steps } = state.overview;
    const uses = state.overview.shortcuts.filter((shortcut) => shortcut.kind === "global");
    menu(event.currentTarget, "Shortcuts", [
      ...uses.map((shortcut) => ({ label: shortcut.name, note: app, choose: () => use(shortcut) })),
      ...steps.map((step) => ({ label: step.title, note: "workflow step", choose: () => runStep(step) })),
    ]);
  };
  const attributes = { class: "icon", title: "Shortcuts and workflow steps", "aria-label": "Shortcuts", "aria-haspopup": "menu", "aria-expanded": "false", hidden: true };
  const shortcuts = button("⚡", openShortcuts, attributes);
  const submit = make("button", { class: "primary send", "aria-label": "Send", title: "Send (Enter)" }, "➤");
  const broadcast = make("input", { type: "checkbox" });
  const also = broadcasts && make("label", { class: "choice also" }, broadcast, "Also send to channel");
  const foot = make("div", { class: "composer-foot" }, clip, shortcuts, also, hint, submit);
  const element = make("form", { class: "composer" }, completions.element, field, attached, chooser, foot);
  element.addEventListener("dragover", (event) => event.preventDefault());
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!field.disabled) attach(event.dataTransfer.files);
  });
  field.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    attach(event.clipboardData.files);
  });

  const rest = inThread ? "" : "Enter sends, / for commands, @ for people";
  const updateHint = () => {
    const command = state.overview?.commands.find((one) => field.value.startsWith(`${one.command} `));
    hint.textContent = command ? `${command.command} ${command.hint}` : rest;
    submit.disabled = !field.value.trim() && !files.length;
  };
  field.addEventListener("input", updateHint);
  field.addEventListener("input", clearNotice);
  field.addEventListener("keydown", (event) => {
    if (completions.key(event)) return;
    if (event.key === "Escape" && leave) {
      event.preventDefault();
      leave();
    }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      element.requestSubmit();
    }
  });
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if ((!text && !files.length) || !channel()) return;
    const sending = files;
    field.value = "";
    files = [];
    showFiles();
    try {
      const result = await send(text, sending, { channel: channel(), thread_ts: thread() || undefined, broadcast: broadcast.checked });
      if (typeof result === "string") sent?.(result);
      broadcast.checked = false;
      set({ sent: text });
    } catch (error) {
      if (!field.value) field.value = text; // restore the text and the files
      files = [...sending, ...files];
      showFiles();
      showNotice(error.message);
    }
  });
  const relabel = () => {
    field.setAttribute("aria-label", label());
    field.disabled = Boolean(channelOf(channel())?.is_archived);
    field.placeholder = field.disabled ? "This channel is archived and read-only" : label();
    clip.disabled = field.disabled;
    const { overview } = state;
    shortcuts.hidden = !overview?.shortcuts.some((shortcut) => shortcut.kind === "global") && !overview?.steps.length;
  };
  const drafts = new Map(); // by channel
  let shown = "";
  on(["channel"], () => {
    if (shown === channel()) return;
    // Text from before the page was reloaded, or before it was ready, is the draft of the first channel.
    if (shown) drafts.set(shown, { text: field.value, files });
    else drafts.set(channel(), { text: field.value || sessionStorage.getItem(id) || "", files });
    sessionStorage.removeItem(id);
    shown = channel();
    ({ text: field.value, files } = drafts.get(shown) ?? { text: "", files: [] });
    showFiles();
    relabel();
  });
  addEventListener("pagehide", () => field.value && sessionStorage.setItem(id, field.value));
  updateHint();
  return {
    element,
    relabel,
    /** Replace the text. */
    fill(text) {
      field.value = text;
      updateHint();
      field.focus();
      field.setSelectionRange(text.length, text.length);
    },
  };
}
