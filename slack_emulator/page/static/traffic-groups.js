/**
 * Grouping of the traffic log by what a person did: the payloads that the app got, and what it did then.
 *
 * Slack does not say why an app calls a method, so calls are matched by what they name: the trigger, the message, or
 * the person; any other call belongs to the latest group, unless that was long ago.
 * @module
 */
import { character } from "./emoji.js";
import { channelOf, nameOf, state, titleOf, userOf } from "./state.js";

const TO_APP = ["event", "command", "interaction"];
const ANSWERS = /^(chat\.(post|update|startStream|meMessage)|views\.|reactions\.add|functions\.complete|files\.completeUpload)/;
const LATEST_SECONDS = 60; // for which calls that match no group are attributed to the latest one

const where = (id) => {
  const channel = channelOf(id);
  if (!channel) return "in a channel";
  return channel.kind === "im" ? `to ${state.overview.app}` : `in #${titleOf(channel)}`;
};

const EVENTS = {
  app_mention: (event) => `mentioned ${state.overview.app} ${where(event.channel)}`,
  message: (event) => `wrote ${where(event.channel)}`,
  message_changed: () => "edited a message",
  message_deleted: () => "deleted a message",
  reaction_added: (event) => `reacted with ${character(event.reaction) ?? event.reaction}`,
  reaction_removed: (event) => `removed the reaction ${character(event.reaction) ?? event.reaction}`,
  app_home_opened: (event) => (event.tab === "messages" ? "opened the messages of the app" : "opened App Home"),
  app_context_changed: () => "opened something beside the app",
  agent_session_stopped: () => "pressed the stop button",
  file_shared: () => "shared a file",
  member_joined_channel: (event) => `joined ${where(event.channel).slice(3)}`,
  function_executed: () => "ran a workflow step",
};

const INTERACTIONS = {
  block_actions: ({ actions: [action] }) => `pressed ${action?.text?.text ?? action?.action_id ?? "a button"}`,
  block_suggestion: () => "typed in a menu",
  view_submission: ({ view }) => `submitted ${view?.title?.text ?? "a form"}`,
  view_closed: ({ view }) => `closed ${view?.title?.text ?? "a form"}`,
  shortcut: ({ callback_id: id }) => `used the shortcut ${id}`,
  message_action: ({ callback_id: id }) => `used ${id} on a message`,
};

/** Return who caused a payload, what they did, and what identifies it; null if the app itself caused it. */
function cause({ kind, name, sent }) {
  if (kind === "command") return { user: sent.user_id, what: `${name} ${sent.text}`, trigger: sent.trigger_id };
  if (kind === "interaction") {
    const what = INTERACTIONS[name]?.(sent) ?? name;
    return { user: sent.user?.id, what, trigger: sent.trigger_id, ts: sent.message?.ts ?? sent.container?.message_ts };
  }
  const { event } = sent;
  const message = event.message ?? event.previous_message ?? event;
  const user = event.user?.id ?? event.user ?? message.user ?? event.user_id;
  if (event.bot_id || message.bot_id || user === state.overview.bot_user_id) return null;
  const what = (EVENTS[event.subtype] ?? EVENTS[name])?.(event) ?? name;
  const ts = event.item?.ts ?? message.ts ?? event.event_ts;
  return { user, what, ts, key: `${user} ${name.startsWith("reaction") ? event.event_ts : ts}` };
}

const firstName = (id) => userOf(id)?.real_name.split(" ")[0] ?? nameOf(id);

/** Return the group of an entry that no person has caused directly. */
function findGroup(groups, { kind, name, sent, at }) {
  if (kind === "ack") {
    const matches = (one) => TO_APP.includes(one.kind) && one.name === name && one.sent.event_id === sent.event_id;
    return groups.findLast((group) => group.entries.some(matches) && (sent.event_id || group.ack === undefined));
  }
  const { event } = sent;
  const times = [sent.thread_ts, sent.ts, sent.timestamp, sent.message_ts, event?.item?.ts, event?.thread_ts, event?.message?.thread_ts];
  const ts = times.filter(Boolean);
  const person = [sent.user, sent.user_id, sent.channel, event?.channel && channelOf(event.channel)?.members[0]];
  return (
    groups.findLast((group) => group.user && ((sent.trigger_id && group.trigger === sent.trigger_id) || ts.includes(group.ts))) ??
    groups.findLast((group) => group.user && person.includes(group.user) && at - group.at < LATEST_SECONDS) ??
    (groups.at(-1) && at - groups.at(-1).at < LATEST_SECONDS ? groups.at(-1) : undefined)
  );
}

/** Record when the app acknowledged and answered, in milliseconds since the person acted. */
function measure(group, { kind, name, at, answer }) {
  const elapsed = Math.max(1, Math.round((at - group.at) * 1000));
  if (kind === "ack") group.ack ??= elapsed;
  const shown = kind === "response_url" || (kind === "api" && ANSWERS.test(name)) || (kind === "ack" && answer && Object.keys(answer).length);
  if (shown && answer?.ok !== false) group.answer ??= elapsed;
}

/**
 * Group the entries of the log.
 * @returns {{key: string, who: string, what: string, at: number, ack?: number, answer?: number, entries: object[]}[]}
 */
export function groupByCause(log) {
  const groups = [];
  const start = (entry, fields) => {
    groups.push({ key: String(entry.number), at: entry.at, entries: [], ...fields });
    return groups.at(-1);
  };
  for (const entry of log) {
    const caused = TO_APP.includes(entry.kind) && cause(entry);
    let group = caused && caused.key ? groups.findLast((one) => one.id === caused.key) : undefined;
    if (group && entry.name === "app_mention") group.what = caused.what;
    if (caused && !group) {
      const { user, what, trigger, ts, key: id } = caused;
      group = start(entry, { id, user, who: firstName(user), what, trigger, ts });
    }
    group ??= findGroup(groups, entry) ?? start(entry, { who: state.overview.app, what: groups.length ? "acted without a request" : "started" });
    group.entries.push(entry);
    measure(group, entry);
  }
  return groups;
}
