/**
 * The steps that the workspace suggests to try, above the composer, until each is done or all are dismissed.
 * @module
 */
import { $, button, make, updateChildren } from "./dom.js";
import { showNotice } from "./notices.js";
import { perform } from "./server.js";
import { select } from "./sidebar.js";
import { on, people, set, state } from "./state.js";
import { toggle } from "./traffic-log.js";

let chosen = null; // the suggestion whose text is in the composer
let whenShown = null; // what to do once its channel is shown
let awaited = null; // the channel in which the app has yet to answer a suggested reaction, and its last message before

/** Return all suggestions: those of the workspace, and last the traffic log. */
function all() {
  const { suggestions, app } = state.overview;
  return suggestions.length ? [...suggestions, { label: `See what Slack and ${app} sent`, isLog: true }] : [];
}

/** Remove the suggestions that match. They come back when the server is started again, with a new bot. */
function finish(matches) {
  const key = `done ${state.overview.bot_user_id}`;
  const done = JSON.parse(sessionStorage.getItem(key) ?? "[]");
  const more = all().filter(matches).map(({ label }) => label);
  if (more.length) sessionStorage.setItem(key, JSON.stringify([...done, ...more]));
  set({ suggestions: all().filter(({ label }) => ![...done, ...more].includes(label)) });
}

/** React to the latest message of the channel by a person, among those without that reaction. */
async function react(suggestion) {
  const ids = people().map((user) => user.id);
  const hasIt = (message) => message.reactions?.some(({ name, users }) => name === suggestion.emoji && users.includes(state.user));
  const latest = state.messages.list.findLast((one) => ids.includes(one.user) && !one.thread_ts && !hasIt(one));
  if (!latest) return showNotice("There is no message left to react to.");
  try {
    awaited = { channel: state.channel, after: state.messages.list.at(-1).ts };
    rowOf(latest)?.scrollIntoView({ block: "start" });
    await perform("react", { user: state.user, channel: state.channel, ts: latest.ts, emoji: suggestion.emoji });
    finish(({ label }) => label === suggestion.label);
    $("composer-text").focus();
  } catch (error) {
    showNotice(error.message);
  }
}

const rowOf = (message) => document.querySelector(`#messages [data-ts="${message.ts}"]`);

/** Scroll to the answer to a suggested reaction, and no further than needed, so that the message stays in view. */
function showAnswer() {
  const last = state.messages?.list.at(-1);
  if (!awaited || last?.user !== state.overview.bot_user_id || last.ts <= awaited.after) return;
  if (state.channel === awaited.channel) rowOf(last)?.scrollIntoView({ block: "nearest" });
  awaited = null;
}

function actOnceShown() {
  const { messages, channel, user } = state;
  if (!whenShown || messages?.channel !== channel || messages.user !== user) return;
  const act = whenShown;
  whenShown = null;
  act();
}

/** Create the list of suggestions; `fill` fills the composer. */
export function suggestionList(fill) {
  const choose = (suggestion) => {
    if (suggestion.isLog) return toggle(true);
    const channel = state.overview.channels.find((one) => one.name === suggestion.channel && one.kind !== "im");
    whenShown = () => {
      if (suggestion.emoji) return react(suggestion);
      chosen = suggestion;
      return fill(suggestion.text);
    };
    select({ channel: channel?.id });
    return actOnceShown();
  };
  const item = (one) => ({
    key: one.label,
    signature: "",
    draw: () => make("li", {}, button(one.label, () => choose(one), { class: "suggestion", title: one.text || undefined })),
  });
  const list = make("ul", { "aria-labelledby": "try-title" });
  const dismiss = button("✕", () => finish(() => true), { class: "icon", "aria-label": "Dismiss the suggestions", title: "Dismiss" });
  const element = make("section", { class: "try", "aria-labelledby": "try-title", hidden: true }, make("h3", { id: "try-title" }, "Try"), list, dismiss);
  on(["suggestions"], () => {
    element.hidden = !state.suggestions.length;
    updateChildren(list, state.suggestions.map(item));
  });
  return element;
}

on(["overview"], () => finish(() => false));
on(["messages"], () => {
  actOnceShown();
  requestAnimationFrame(showAnswer); // once it is drawn
});
on(["sent"], () => {
  finish((one) => one.text && (one.text === state.sent || one.label === chosen?.label));
  chosen = null;
});
on(["logOpen"], () => state.logOpen && finish((one) => one.isLog));
