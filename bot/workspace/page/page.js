"use strict";
// What people and apps wrote is put in with textContent only, so that none of it can become mark-up.
const token = document.querySelector("meta[name=control-token]").content;
const $ = (id) => document.getElementById(id);
const here = { overview: null, user: "", channel: location.hash.slice(1), thread: null };

async function act(name, told = {}) {
  const answer = await fetch(`/control/${name}`, {
    method: "POST",
    headers: { "X-Control-Token": token, "Content-Type": "application/json" },
    body: JSON.stringify(told),
  });
  const said = await answer.json();
  if (!said.ok) throw new Error(said.reason || said.error);
  return said.result;
}

function trying(work) {
  $("problem").textContent = "";
  return work().catch((error) => { $("problem").textContent = error.message; });
}

function make(tag, text, className, onclick) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  if (onclick) { made.type = "button"; made.onclick = onclick; }
  return made;
}

const name = (id) => here.overview.users.find((user) => user.id === id)?.name ?? id;
const channelName = (id) => here.overview.channels.find((channel) => channel.id === id)?.name ?? id;
const unescaped = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

// mrkdwn: mentions, links, *bold*, _italic_ and `code`; everything else stays as it is.
function mrkdwn(text) {
  const all = document.createDocumentFragment();
  const marks = /<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>|`([^`\n]+)`|\*([^*\n]+)\*|\b_([^_\n]+)_\b/g;
  let end = 0;
  for (const found of text.matchAll(marks)) {
    all.append(unescaped(text.slice(end, found.index)));
    end = found.index + found[0].length;
    const [, sign, body, label, code, bold, italic] = found;
    if (code) all.append(make("code", unescaped(code)));
    else if (bold) all.append(make("strong", unescaped(bold)));
    else if (italic) all.append(make("em", unescaped(italic)));
    else if (sign === "@") all.append(make("span", `@${name(body)}`, "mention"));
    else if (sign === "#") all.append(make("span", `#${label || channelName(body)}`, "mention"));
    else if (sign === "!") all.append(make("span", `@${label || body}`, "mention"));
    else all.append(unescaped(label || body));
  }
  all.append(unescaped(text.slice(end)));
  return all;
}

function textOf(object) {
  return object.type === "mrkdwn" ? mrkdwn(object.text) : document.createTextNode(object.text ?? "");
}

function rich(element) {
  if (element.elements) {
    const styled = { rich_text_preformatted: "code", rich_text_quote: "em" }[element.type] ?? "div";
    const made = make(styled);
    made.append(...element.elements.map(rich));
    return made;
  }
  const shown = {
    user: () => make("span", `@${name(element.user_id)}`, "mention"),
    channel: () => make("span", `#${channelName(element.channel_id)}`, "mention"),
    broadcast: () => make("span", `@${element.range}`, "mention"),
    emoji: () => make("span", `:${element.name}:`),
    link: () => make("span", element.text || element.url),
  }[element.type];
  if (shown) return shown();
  const style = element.style ?? {};
  return make(style.bold ? "strong" : style.code ? "code" : style.italic ? "em" : "span", element.text ?? "");
}

function button(message, element) {
  if (element.type !== "button") return make("span", `[${element.type}]`, "note");
  const press = () => act("press", { user: here.user, thing: message.ts, action_id: element.action_id });
  return make("button", element.text.text, "", () => trying(press));
}

function block(message, content) {
  const made = make(content.type === "divider" ? "hr" : "div", undefined, `block ${content.type}`);
  if (content.text?.text) made.append(textOf(content.text));
  else if (typeof content.text === "string") made.append(content.text);
  for (const field of content.fields ?? []) made.append(make("br"), textOf(field));
  if (content.type === "rich_text") made.append(...content.elements.map(rich));
  if (content.type === "context") content.elements.forEach((one) => made.append(textOf(one), " "));
  if (content.type === "actions") made.append(...content.elements.map((one) => button(message, one)));
  if (content.accessory) made.append(" ", button(message, content.accessory));
  const known = ["section", "header", "context", "rich_text", "actions", "divider", "markdown"];
  if (!known.includes(content.type)) made.append(make("span", `[${content.type}] ${content.title?.text ?? content.title ?? ""}`, "note"));
  return made;
}

function row(message) {
  const reply = message.thread_ts && message.thread_ts !== message.ts;
  const made = make("li", undefined, `${reply ? "reply" : ""} ${message.ephemeral ? "ephemeral" : ""}`);
  const at = new Date(message.ts * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  made.append(make("strong", message.author), make("span", ` ${message.bot_id ? "APP " : ""}${at}`, "note"));
  if (message.ephemeral) made.append(make("div", "Only visible to you", "note"));
  if (message.blocks) made.append(...message.blocks.map((one) => block(message, one)));
  else { const text = make("div", undefined, "text"); text.append(mrkdwn(message.text)); made.append(text); }
  for (const file of message.files ?? []) made.append(make("div", `File: ${file.title}`, "note"));
  const reactions = make("div", undefined, "reactions");
  const about = { user: here.user, channel: here.channel, ts: message.ts };
  for (const { name: emoji, users, count } of message.reactions ?? []) {
    const change = users.includes(here.user) ? "unreact" : "react";
    reactions.append(make("button", `:${emoji}: ${count}`, "", () => trying(() => act(change, { ...about, emoji }))));
  }
  made.append(reactions);
  if (!message.ephemeral) {
    const tools = make("div", undefined, "tools");
    tools.append(make("button", "React", "", () => {
      const emoji = prompt("Which emoji? Its name, such as tada", "eyes");
      if (emoji) trying(() => act("react", { ...about, emoji: emoji.replaceAll(":", "") }));
    }), make("button", "Reply", "", () => { here.thread = reply ? message.thread_ts : message.ts; $("thread").hidden = false; $("text").focus(); }));
    made.append(tools);
  }
  return made;
}

// Threads are shown under their parents, in the order in which the parents came.
function threaded(messages) {
  const order = (message) => `${message.thread_ts || message.ts} ${message.ts}`;
  return [...messages].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

async function show() {
  const overview = here.overview = await act("overview");
  here.user ||= overview.users[0].id;
  const people = overview.users.filter((user) => user.id !== overview.bot_user_id);
  const mine = overview.channels.filter((channel) => channel.members.includes(here.user));
  if (!mine.some((channel) => channel.id === here.channel)) here.channel = mine[0].id;
  document.title = $("app").textContent = `${overview.app}’s workspace`;
  $("state").textContent = overview.connected ? "The app is connected." : "The app is not connected.";
  $("user").replaceChildren(...people.map((user) => { const one = make("option", user.real_name); one.value = user.id; return one; }));
  $("user").value = here.user;
  $("commands").replaceChildren(...overview.commands.map((one) => { const made = make("option", one.hint); made.value = `${one.command} `; return made; }));
  $("channels").replaceChildren(...mine.map((channel) => {
    const label = channel.kind === "im" ? overview.app : `# ${channel.name}${channel.kind === "group" ? " (private)" : ""}`;
    const one = make("button", label, "", () => { here.channel = channel.id; location.hash = channel.id; leave(); show(); });
    if (channel.id === here.channel) { one.setAttribute("aria-current", "true"); $("name").textContent = label; $("topic").textContent = channel.topic; }
    const item = make("li"); item.append(one); return item;
  }));
  const list = $("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  list.replaceChildren(...threaded(await act("seen", { user: here.user, channel: here.channel })).map(row));
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function leave() { here.thread = null; $("thread").hidden = true; }
$("leave").onclick = leave;
$("user").onchange = () => { here.user = $("user").value; leave(); show(); };
$("composer").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  const about = { user: here.user, channel: here.channel };
  const [command, ...rest] = text.split(" ");
  $("text").value = "";
  trying(() => command.startsWith("/")
    ? act("command", { ...about, command, text: rest.join(" "), typed: true })
    : act("post", { ...about, text, typed: true, thread_ts: here.thread }));
};

// Every chunk of the stream means that something changed; many changes at once are shown once.
async function follow() {
  try {
    const stream = await fetch("/control/changes", { headers: { "X-Control-Token": token } });
    const reader = stream.body.getReader();
    while (!(await reader.read()).done) await show();
  } catch { $("state").textContent = "The workspace is not running."; }
  setTimeout(follow, 1000);
}
show().then(follow);
