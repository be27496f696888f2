/**
 * The sidebar: the selected person, the channels, and the state of the connections.
 * @module
 */
import { $, button, enableArrowKeys, make, updateChildren } from "./dom.js";
import { channelOf, on, ownChannels, people, set, state, titleOf } from "./state.js";

const lastRead = new Map(); // ts of the newest message shown, by person and channel
let shownStatus = "";
let bannerTimer = 0;

const readKey = (channel) => `${state.user} ${channel.id}`;

/** Select a person or a channel. */
export function select({ user = state.user, channel = state.channel } = {}) {
  const joined = state.overview.channels.filter(({ members }) => members.includes(user));
  // Each person has their own direct message with the app.
  const isDm = channelOf(channel)?.kind === "im";
  const next = joined.find(({ id, kind }) => (isDm ? kind === "im" : id === channel)) ?? joined[0];
  sessionStorage.setItem("user", state.overview.users.find(({ id }) => id === user).name);
  sessionStorage.setItem("channel", next.kind === "im" ? "" : next.name);
  set({ user, channel: next.id, thread: "", editing: null });
  history.replaceState(null, "", `#${next.id}`);
  drawer(false);
}

/** Select what was selected before the page was reloaded, or what the address says. */
export function restore() {
  const name = sessionStorage.getItem("user");
  const user = people().find((one) => one.name === name) ?? people()[0];
  const address = location.hash.slice(1).split("/")[0];
  const before = sessionStorage.getItem("channel");
  const { channels } = state.overview;
  const byName = channels.find((one) => (before === "" ? one.kind === "im" && one.members.includes(user.id) : one.name === before && one.kind !== "im"));
  select({ user: user.id, channel: channelOf(address)?.id ?? byName?.id });
}

function entry(channel) {
  const current = channel.id === state.channel;
  const seen = lastRead.get(readKey(channel));
  const unread = !current && seen !== undefined && channel.latest > seen;
  if (current || seen === undefined) lastRead.set(readKey(channel), channel.latest);
  const sign = { im: "✦", group: "🔒", mpim: "👥" }[channel.kind] ?? "#";
  const attributes = { "aria-current": current ? "page" : undefined, class: unread ? "unread" : undefined, "data-focus": "entry" };
  return {
    key: channel.id,
    signature: JSON.stringify([channel, current, unread]),
    draw: () =>
      make(
        "li",
        {},
        button("", () => select({ channel: channel.id }), attributes, make("span", { class: "sign", "aria-hidden": "true" }, sign), make("span", { class: "label" }, titleOf(channel)),
          channel.is_archived && make("small", {}, "archived"),
          unread && make("span", { class: "dot" }, make("span", { class: "visually-hidden" }, "new messages")))
      ),
  };
}

function show() {
  const { overview } = state;
  if (!overview || !state.user) return;
  document.title = `${overview.app} · workspace`;
  $("app").textContent = overview.organization ? `${overview.team} (${overview.organization})` : `${overview.app}’s workspace`;
  const options = people().map((user) => ({ key: user.id, signature: user.real_name, draw: () => make("option", { value: user.id }, user.real_name) }));
  updateChildren($("user"), options);
  $("user").value = state.user;
  const all = ownChannels();
  const channels = all.filter((channel) => channel.kind !== "im").sort((a, b) => a.is_archived - b.is_archived || (titleOf(a) < titleOf(b) ? -1 : 1));
  updateChildren($("channels"), channels.map(entry));
  updateChildren($("apps"), all.filter((channel) => channel.kind === "im").map(entry));
  const channel = channelOf(state.channel);
  if (channel) {
    $("name").textContent = (channel.kind === "im" ? "" : "# ") + titleOf(channel);
    $("topic").textContent = channel.topic || (channel.kind === "im" ? "Write to the app directly" : "");
  }
}

/** Show whether the server and the app are connected; that one has reconnected, only for some seconds. */
function showStatus() {
  if (!state.overview) return;
  const { app, connected, was_connected: known } = state.overview;
  const status = state.server === "lost" ? "lost" : connected ? "connected" : known ? "disconnected" : "waiting";
  if (status === shownStatus) return;
  const banner = $("banner");
  clearTimeout(bannerTimer);
  $("connection").className = `connection ${status}`;
  $("connection").textContent = {
    lost: "Workspace unavailable",
    disconnected: `${app} is disconnected`,
    waiting: `${app} is not connected yet`,
    connected: `${app} is connected`,
  }[status];
  banner.textContent = {
    lost: "The workspace does not respond. This page reconnects automatically.",
    disconnected: `${app} is disconnected.`,
    waiting: `${app} is not connected yet. Start it with the environment variables that the emulator has printed, such as SLACK_API_URL.`,
    connected: shownStatus === "waiting" ? `${app} is connected.` : `${app} is connected again.`,
  }[status];
  banner.hidden = status === "connected" && !shownStatus;
  banner.classList.toggle("good", status === "connected");
  if (status === "connected") bannerTimer = setTimeout(() => (banner.hidden = true), 4000);
  shownStatus = status;
}

function drawer(open) {
  document.body.classList.toggle("drawer", open);
  $("shade").hidden = !open;
  $("menu").setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("[aria-current=page]")?.focus();
}

$("menu").addEventListener("click", () => drawer(!document.body.classList.contains("drawer")));
$("shade").addEventListener("click", () => drawer(false));
$("sidebar").addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("drawer")) {
    drawer(false);
    $("menu").focus();
  }
});
$("user").addEventListener("change", () => select({ user: $("user").value }));
enableArrowKeys($("channels"), "button");
on(["overview", "user", "channel"], show);
on(["overview", "server"], showStatus);
