// An app in Bolt for JavaScript, which replies to a command and to a mention.
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

await app.start();
console.log("connected");
