// An app in Bolt for JavaScript, which replies to a command, to a mention and as an agent.
import bolt from "@slack/bolt";

const app = new bolt.App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

app.command("/hello", async ({ ack, command }) => {
  await ack(`Hello, ${command.text}`);
});

app.event("app_mention", async ({ event, say }) => {
  await say({ text: `Hello <@${event.user}>`, thread_ts: event.ts });
});

app.event("app_home_opened", async ({ event, client }) => {
  if (event.tab !== "messages") return;
  const prompts = [{ title: "Where am I?", message: "where" }];
  await client.assistant.threads.setSuggestedPrompts({ channel_id: event.channel, title: "Hello", prompts });
});

const contexts = [];
app.event("app_context_changed", async ({ event }) => {
  contexts.push(event.context.entities[0].value);
});

app.message("where", async ({ message, client }) => {
  const thread = { channel_id: message.channel, thread_ts: message.ts };
  await client.apiCall("agents.sessions.setStatus", { ...thread, status: "processing" });
  await client.apiCall("agents.sessions.rename", { ...thread, title: "A place" });
  const seen = [contexts.at(-1), message.app_context.entities[0].value];
  await client.chat.postMessage({ channel: message.channel, thread_ts: message.ts, text: seen.join(" ") });
});

app.event("agent_session_stopped", async ({ event, client }) => {
  await client.apiCall("agents.sessions.setStatus", { channel_id: event.channel, thread_ts: event.thread_ts, status: "active" });
});

await app.start();
console.log("connected");
