/**
 * What this window knows and looks at, and who wants to hear when that changes.
 * @module
 */

export const state = {
  overview: null, // people, channels, commands: see bot/workspace/looks.py
  messages: null, // { user, channel, list }
  views: null, // { user, modal, home }
  log: [],
  user: "", // as whom this window looks
  channel: "",
  thread: "", // ts of the parent, where a thread is open
  tab: "messages", // of the app: messages or home
  editing: null, // { ts, draft }: the message being edited
  server: "loading", // here or lost
};

const listeners = [];

/** Call `listener` whenever one of the `parts` of the state was set. */
export function on(parts, listener) {
  listeners.push({ parts, listener });
}

/** Change parts of the state. */
export function set(changes) {
  Object.assign(state, changes);
  const names = Object.keys(changes);
  for (const { parts, listener } of listeners) if (parts.some((part) => names.includes(part))) listener(changes);
}

export const userOf = (id) => state.overview.users.find((user) => user.id === id);
export const channelOf = (id) => state.overview?.channels.find((channel) => channel.id === id);
export const nameOf = (id) => userOf(id)?.name ?? id;
export const people = () => state.overview.users.filter((user) => user.id !== state.overview.bot_user_id);
export const mine = () => state.overview.channels.filter((channel) => channel.members.includes(state.user));
export const titleOf = (channel) => {
  if (channel.kind === "im") return state.overview.app;
  const others = channel.members.filter((id) => id !== state.user);
  return channel.kind === "mpim" ? others.map((id) => userOf(id).real_name).join(", ") : channel.name;
};
export const clock = (ts, more = {}) =>
  new Date(ts * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", ...more });
