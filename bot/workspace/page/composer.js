/**
 * Where a person writes: messages, /commands, shortcuts. Enter sends, Shift+Enter begins a line.
 * @module
 */
import { completion } from "./complete.js";
import { button, make } from "./dom.js";
import { act, problem, trying } from "./live.js";
import { menu } from "./popup.js";
import { channelOf, on, state } from "./state.js";

/** Use a global shortcut. */
async function use(shortcut) {
  const outcome = await trying("shortcut", { user: state.user, callback_id: shortcut.callback_id });
  if (outcome?.error) problem(`${state.overview.app} did not take “${shortcut.name}”: ${outcome.error}`);
}

/** Send what was typed: a message, a command, or an invitation. */
async function send(text, thread_ts) {
  const about = { user: state.user, channel: state.channel };
  const [command, ...rest] = text.split(/\s/);
  if (!command.startsWith("/")) return act("post", { ...about, text, typed: true, thread_ts });
  if (thread_ts) throw new Error(`${command} does not work in threads, as in Slack. Use it below the channel.`);
  if (command === "/invite") {
    const name = rest.join(" ").trim().replace(/^@/, "");
    const invited = state.overview.users.find((user) => user.name === name);
    if (!invited) throw new Error(`Nobody is called ${name || "that"}. Try /invite @ and choose.`);
    return act("invite", { ...about, invited: invited.id });
  }
  return act("command", { ...about, command, text: text.slice(command.length).trim(), typed: true });
}

/**
 * Make a composer.
 * @param {{id: string, label: () => string, thread: () => string | undefined}} place
 */
export function composer({ id, label, thread }) {
  const field = make("textarea", { id, rows: 1, spellcheck: "true", enterkeyhint: "send" });
  const offers = completion(field, use);
  const hint = make("span", { class: "hint" });
  const bolt = (event) => {
    const shortcuts = state.overview.shortcuts.filter((shortcut) => shortcut.kind === "global");
    const items = shortcuts.map((shortcut) => ({ label: shortcut.name, note: state.overview.app, choose: () => use(shortcut) }));
    menu(event.currentTarget, "Shortcuts", items);
  };
  const shortcuts = button("⚡", bolt, { class: "icon", "aria-label": "Shortcuts", title: "Shortcuts", "aria-haspopup": "menu", "aria-expanded": "false", hidden: true });
  const submit = make("button", { class: "primary send", "aria-label": "Send", title: "Send (Enter)" }, "➤");
  const element = make("form", { class: "composer" }, offers.element, field, make("div", { class: "composer-foot" }, shortcuts, hint, submit));

  const rest = thread() === undefined ? "Enter sends, / for commands, @ for people" : "Enter sends, @ for people";
  const help = () => {
    const command = state.overview?.commands.find((one) => field.value.startsWith(`${one.command} `));
    hint.textContent = command ? `${command.command} ${command.hint}` : rest;
    submit.disabled = !field.value.trim();
  };
  field.addEventListener("input", help);
  field.addEventListener("keydown", (event) => {
    if (offers.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      element.requestSubmit();
    }
  });
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text || !state.channel) return;
    const fill = (value) => {
      field.value = value;
      field.dispatchEvent(new Event("input"));
    };
    fill("");
    try {
      await send(text, thread());
    } catch (error) {
      if (!field.value) fill(text); // nothing that was typed is lost
      problem(error.message);
    }
  });
  const relabel = () => {
    field.setAttribute("aria-label", label());
    field.disabled = Boolean(channelOf(state.channel)?.is_archived);
    field.placeholder = field.disabled ? "This channel is archived; it can be read only" : label();
    shortcuts.hidden = !state.overview?.shortcuts.some((shortcut) => shortcut.kind === "global");
  };
  const drafts = new Map(); // by channel
  let at = "";
  on(["channel"], () => {
    if (at === state.channel) return;
    // What was typed before the page had to load again, or before it was ready, is a draft of the first channel.
    if (at) drafts.set(at, field.value);
    else drafts.set(state.channel, field.value || sessionStorage.getItem(id) || "");
    sessionStorage.removeItem(id);
    at = state.channel;
    field.value = drafts.get(at) ?? "";
    help();
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
