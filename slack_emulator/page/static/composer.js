/**
 * Where a person writes: messages, /commands, shortcuts. Enter sends, Shift+Enter begins a line.
 * @module
 */
import { completion } from "./complete.js";
import { button, make } from "./dom.js";
import { chips, fitting, upload } from "./files.js";
import { act, asking } from "./live.js";
import { hush, tell } from "./notice.js";
import { ask, menu } from "./popup.js";
import { channelOf, on, state } from "./state.js";
import { runStep } from "./step.js";

const LONGEST = 40_000; // characters of a message, as in Slack

/** Use a global shortcut. */
const use = (shortcut) => asking("shortcut", { user: state.user, callback_id: shortcut.callback_id });

/** What Slack itself does with a command, whichever app is there. */
const BUILT_IN = {
  async "/invite"(words, about) {
    const name = words.replace(/^@/, "");
    const invited = state.overview.users.find((user) => user.name === name);
    if (!invited) throw new Error(`Nobody is called ${name || "that"}. Try /invite @ and choose.`);
    await act("invite", { ...about, invited: invited.id });
  },
  async "/archive"(words, about) {
    const title = `Archive #${channelOf(about.channel).name}?`;
    const text = "Nobody can write there any more, and this workspace cannot undo it.";
    if (await ask({ title, text, confirm: "Archive", danger: true })) await act("archive", about);
  },
};

/** Send what was typed: a message with its files, or a command. */
async function send(text, files, thread_ts, broadcast) {
  const about = { user: state.user, channel: state.channel };
  const command = text.split(/\s/)[0];
  const rest = text.slice(command.length).trim();
  if (text.length > LONGEST) {
    throw new Error(`A message can have 40,000 characters; this one has ${text.length.toLocaleString("en")}. Shorten it, or attach it as a file.`);
  }
  if (files.length) {
    const ids = await Promise.all(files.map(upload));
    return act("share", { ...about, files: ids, text, typed: true, thread_ts });
  }
  if (!command.startsWith("/")) {
    return act("post", { ...about, text, typed: true, thread_ts, ...(broadcast ? { subtype: "thread_broadcast" } : {}) });
  }
  if (thread_ts) throw new Error(`${command} does not work in threads, as in Slack. Use it below the channel.`);
  if (BUILT_IN[command]) return BUILT_IN[command](rest, about);
  return act("command", { ...about, command, text: rest, typed: true });
}

/**
 * Make a composer.
 * @param {{id: string, label: () => string, thread: () => string | undefined, leave?: () => void}} place `leave` is what
 *   Escape does where nothing is offered.
 */
export function composer({ id, label, thread, leave }) {
  const inThread = thread() !== undefined;
  const field = make("textarea", { id, rows: 1, spellcheck: "true", enterkeyhint: "send" });
  const offers = completion(field, use);
  const hint = make("span", { class: "hint" });
  let files = [];
  const attached = make("ul", { class: "attached" });
  const attach = (more) => {
    files = [...files, ...fitting(more)];
    showFiles();
    field.focus();
  };
  const showFiles = () => {
    const remove = (number) => {
      files = files.filter((_, at) => at !== number);
      showFiles();
    };
    attached.replaceChildren(...chips(files.map((file) => file.name), remove));
    help();
  };
  const chooser = make("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files to attach" });
  chooser.addEventListener("change", () => {
    attach(chooser.files);
    chooser.value = "";
  });
  const clip = button("📎", () => chooser.click(), { class: "icon", "aria-label": "Attach files", title: "Attach files" });
  const bolt = (event) => {
    const { app, steps } = state.overview;
    const uses = state.overview.shortcuts.filter((shortcut) => shortcut.kind === "global");
    menu(event.currentTarget, "Shortcuts", [
      ...uses.map((shortcut) => ({ label: shortcut.name, note: app, choose: () => use(shortcut) })),
      ...steps.map((step) => ({ label: step.title, note: "workflow step", choose: () => runStep(step) })),
    ]);
  };
  const about = { class: "icon", title: "Shortcuts and workflow steps", "aria-label": "Shortcuts", "aria-haspopup": "menu", "aria-expanded": "false", hidden: true };
  const shortcuts = button("⚡", bolt, about);
  const submit = make("button", { class: "primary send", "aria-label": "Send", title: "Send (Enter)" }, "➤");
  const broadcast = make("input", { type: "checkbox" });
  const also = inThread && make("label", { class: "choice also" }, broadcast, "Also send to channel");
  const foot = make("div", { class: "composer-foot" }, clip, shortcuts, also, hint, submit);
  const element = make("form", { class: "composer" }, offers.element, field, attached, chooser, foot);
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
  const help = () => {
    const command = state.overview?.commands.find((one) => field.value.startsWith(`${one.command} `));
    hint.textContent = command ? `${command.command} ${command.hint}` : rest;
    submit.disabled = !field.value.trim() && !files.length;
  };
  field.addEventListener("input", help);
  field.addEventListener("input", hush);
  field.addEventListener("keydown", (event) => {
    if (offers.key(event)) return;
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
    if ((!text && !files.length) || !state.channel) return;
    const sending = files;
    field.value = "";
    files = [];
    showFiles();
    try {
      await send(text, sending, thread(), broadcast.checked);
      broadcast.checked = false;
    } catch (error) {
      if (!field.value) field.value = text; // nothing that was typed or attached is lost
      files = [...sending, ...files];
      showFiles();
      tell(error.message);
    }
  });
  const relabel = () => {
    field.setAttribute("aria-label", label());
    field.disabled = Boolean(channelOf(state.channel)?.is_archived);
    field.placeholder = field.disabled ? "This channel is archived; it can be read only" : label();
    clip.disabled = field.disabled;
    const { overview } = state;
    shortcuts.hidden = !overview?.shortcuts.some((shortcut) => shortcut.kind === "global") && !overview?.steps.length;
  };
  const drafts = new Map(); // by channel
  let at = "";
  on(["channel"], () => {
    if (at === state.channel) return;
    // What was typed before the page had to load again, or before it was ready, is a draft of the first channel.
    if (at) drafts.set(at, { text: field.value, files });
    else drafts.set(state.channel, { text: field.value || sessionStorage.getItem(id) || "", files });
    sessionStorage.removeItem(id);
    at = state.channel;
    ({ text: field.value, files } = drafts.get(at) ?? { text: "", files: [] });
    showFiles();
    relabel();
  });
  addEventListener("pagehide", () => field.value && sessionStorage.setItem(id, field.value));
  help();
  return {
    element,
    relabel,
    /** Put a text in, for the person to send. */
    fill(text) {
      field.value = text;
      help();
      field.focus();
      field.setSelectionRange(text.length, text.length);
    },
  };
}
