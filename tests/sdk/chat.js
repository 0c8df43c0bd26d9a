// A page of somebody's own site with the chat package as it comes: keeps all it is told in `heard`.
import { ChatClient } from "@azure/communication-chat";
import { AzureCommunicationTokenCredential } from "@azure/communication-common";

const KINDS = [
  "chatMessageReceived",
  "chatMessageEdited",
  "chatMessageDeleted",
  "typingIndicatorReceived",
  "readReceiptReceived",
  "chatThreadCreated",
  "chatThreadPropertiesUpdated",
  "chatThreadDeleted",
  "participantsAdded",
  "participantsRemoved",
];

window.heard = [];
const hear = (kind) => (event) => window.heard.push({ kind, event: event ?? null });

window.begin = async (endpoint, token) => {
  const client = new ChatClient(endpoint, new AzureCommunicationTokenCredential(token));
  window.client = client;
  client.on("realTimeNotificationConnected", hear("connected"));
  client.on("realTimeNotificationDisconnected", hear("disconnected"));
  await client.startRealtimeNotifications();
  for (const kind of KINDS) client.on(kind, hear(kind));
};
window.thread = (id) => window.client.getChatThreadClient(id);
