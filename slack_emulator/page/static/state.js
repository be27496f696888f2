/**
 * The state of this window, and subscriptions to its changes.
 * @module
 */

export const state = {
  overview: null, // people, channels, commands: see snapshots.py
  messages: null, // { user, channel, list }
  views: null, // { user, modal, home }
  agent: null, // { user, channel, list, prompts, sessions, context } of an app with an agent view
  agentOpen: false, // whether the agent's panel is shown
  conversation: "", // ts of the message that started the conversation in the panel; empty for a new one
  log: [],
  user: "", // id of the selected person
  channel: "",
  thread: "", // ts of the parent of the open thread
  tab: "messages", // messages or home, of the app's direct message
  editing: null, // { ts, draft }: the message being edited
  suggestions: [], // those that are left: see suggestions.js
  sent: "", // the text that was sent last from this window
  logOpen: false, // whether the traffic log is shown
  server: "loading", // then connected or lost
};

const listeners = [];

/** Call `listener` whenever one of the `parts` of the state is set. */
export function on(parts, listener) {
  listeners.push({ parts, listener });
}

/** Set parts of the state and notify the listeners. */
export function set(changes) {
  Object.assign(state, changes);
  const names = Object.keys(changes);
  for (const { parts, listener } of listeners) if (parts.some((part) => names.includes(part))) listener(changes);
}

export const userOf = (id) => state.overview.users.find((user) => user.id === id);
export const channelOf = (id) => state.overview?.channels.find((channel) => channel.id === id);
export const nameOf = (id) => userOf(id)?.name ?? id;
export const people = () => state.overview.users.filter((user) => user.id !== state.overview.bot_user_id);
export const ownChannels = () => state.overview.channels.filter((channel) => channel.members.includes(state.user));
export const titleOf = (channel) => {
  if (channel.kind === "im") return state.overview.app;
  const others = channel.members.filter((id) => id !== state.user);
  return channel.kind === "mpim" ? others.map((id) => userOf(id).real_name).join(", ") : channel.name;
};
