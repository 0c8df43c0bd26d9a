// The whole walk with the five packages as they come, in one Node process; prints what each part has seen.
//   node walk.mjs PACKAGES CONNECTION_STRING STRANGERS_CONNECTION_STRING SMS_FROM
import { createRequire } from "node:module";
import { join } from "node:path";

const [packages, string, stranger, smsFrom] = process.argv.slice(2);
const load = createRequire(join(packages, "package.json"));
const { CommunicationIdentityClient } = load("@azure/communication-identity");
const { RoomsClient } = load("@azure/communication-rooms");
const { ChatClient } = load("@azure/communication-chat");
const { SmsClient } = load("@azure/communication-sms");
const { EmailClient } = load("@azure/communication-email");
const { AzureCommunicationTokenCredential, parseConnectionString } = load("@azure/communication-common");

const { endpoint } = parseConnectionString(string);
const people = new CommunicationIdentityClient(string);
const all = async (pages) => {
  const found = [];
  for await (const one of pages) found.push(one);
  return found;
};
const refused = async (doing) => {
  try {
    await doing;
    return null;
  } catch (wrong) {
    return { status: wrong.statusCode ?? null, code: wrong.code ?? null, name: wrong.name };
  }
};
const chatOf = (token) => new ChatClient(endpoint, new AzureCommunicationTokenCredential(token));

async function identity() {
  const user = await people.createUser();
  const { token, expiresOn } = await people.getToken(user, ["chat", "voip"], { tokenExpiresInMinutes: 60 });
  const minutes = Math.round((expiresOn - Date.now()) / 60000);
  const chat = chatOf(token);
  await all(chat.listChatThreads());
  await people.revokeTokens(user);
  const revoked = await refused(all(chat.listChatThreads()));
  const both = await people.createUserAndToken(["chat"]);
  const tooShort = await refused(people.getToken(user, ["chat"], { tokenExpiresInMinutes: 5 }));
  const foreign = await refused(new CommunicationIdentityClient(stranger).getToken(user, ["chat"]));
  await people.deleteUser(user);
  const deleted = await refused(people.getToken(user, ["chat"]));
  const forged = string.replace(/accesskey=.{10}/, "accesskey=AAAAAAAAAA");
  const wrongKey = await refused(new CommunicationIdentityClient(forged).createUser());
  return {
    id: user.communicationUserId,
    minutes,
    revoked,
    both: Boolean(both.token && both.user.communicationUserId),
    tooShort,
    foreign,
    deleted,
    wrongKey,
  };
}

async function rooms() {
  const client = new RoomsClient(string);
  const [ada, ben, cleo] = await Promise.all([people.createUser(), people.createUser(), people.createUser()]);
  const validFrom = new Date(Date.now() + 3600_000);
  const made = await client.createRoom({
    validFrom,
    validUntil: new Date(+validFrom + 3600_000),
    participants: [{ id: ada, role: "Presenter" }, { id: ben }],
  });
  const shown = await client.getRoom(made.id);
  const until = new Date(+validFrom + 7200_000);
  const updated = await client.updateRoom(made.id, { validUntil: until, pstnDialOutEnabled: false });
  await client.addOrUpdateParticipants(made.id, [{ id: ben, role: "Consumer" }, { id: cleo, role: "Collaborator" }]);
  await client.removeParticipants(made.id, [ada]);
  const participants = await all(client.listParticipants(made.id));
  const listed = (await all(client.listRooms())).some((one) => one.id === made.id);
  const foreign = await refused(new RoomsClient(stranger).getRoom(made.id));
  await client.deleteRoom(made.id);
  return {
    id: made.id,
    same: +shown.validFrom === +made.validFrom,
    moved: +updated.validUntil - +made.validUntil,
    kept: +updated.validFrom === +made.validFrom,
    roles: Object.fromEntries(participants.map(({ id, role }) => [id.communicationUserId === ben.communicationUserId ? "ben" : "cleo", role])),
    listed,
    foreign,
    deleted: await refused(client.getRoom(made.id)),
  };
}

async function chat() {
  const [ada, ben] = await Promise.all([people.createUserAndToken(["chat"]), people.createUserAndToken(["chat"])]);
  const guest = await people.createUserAndToken(["chat.join.limited"]);
  const client = chatOf(ada.token);
  const { chatThread } = await client.createChatThread(
    { topic: "Visit" },
    { participants: [{ id: ada.user, displayName: "Ada" }, { id: ben.user, displayName: "Ben" }], metadata: { a: "b" } },
  );
  const [mine, theirs] = [client.getChatThreadClient(chatThread.id), chatOf(ben.token).getChatThreadClient(chatThread.id)];
  const metadata = { tags: "x" };
  const sent = await mine.sendMessage({ content: "Hello" }, { senderDisplayName: "Ada", metadata });
  const html = await mine.sendMessage({ content: "<b>bold</b><script>no()</script>" }, { type: "html" });
  const got = await theirs.getMessage(sent.id);
  const onlyOwn = await refused(theirs.updateMessage(sent.id, { content: "not mine" }));
  await mine.updateMessage(sent.id, { content: "Good morning" });
  const edited = await theirs.getMessage(sent.id);
  await theirs.sendTypingNotification();
  await theirs.sendReadReceipt({ chatMessageId: html.id });
  const receipts = await all(mine.listReadReceipts());
  const markup = (await theirs.getMessage(html.id)).content.message;
  await mine.deleteMessage(html.id);
  const gone = await theirs.getMessage(html.id);
  await mine.updateTopic("Results");
  await mine.updateProperties({ metadata: { a: "c" } });
  const properties = await theirs.getProperties();
  await mine.addParticipants({ participants: [{ id: guest.user, displayName: "Guest" }] });
  const limited = await refused(chatOf(guest.token).createChatThread({ topic: "no" }));
  const seen = (await all(chatOf(guest.token).getChatThreadClient(chatThread.id).listMessages())).map((one) => one.type);
  const inside = (await all(mine.listParticipants())).map((one) => one.displayName);
  await mine.removeParticipant(guest.user);
  const out = await refused(chatOf(guest.token).getChatThreadClient(chatThread.id).sendMessage({ content: "hello?" }));
  const types = (await all(theirs.listMessages({ maxPageSize: 2 }))).map((one) => one.type);
  const listed = (await all(chatOf(ben.token).listChatThreads())).map((one) => one.id === chatThread.id);
  await client.deleteChatThread(chatThread.id);
  const realtime = await refused(client.startRealtimeNotifications());
  return {
    topic: chatThread.topic,
    said: [got.content.message, got.senderDisplayName, got.type, got.metadata],
    onlyOwn,
    edited: [edited.content.message, Boolean(edited.editedOn)],
    receipts: receipts.map((one) => [one.chatMessageId === html.id, one.sender.communicationUserId === ben.user.communicationUserId]),
    markup,
    gone: [Boolean(gone.deletedOn), gone.content?.message ?? null],
    properties: [properties.topic, properties.metadata],
    limited,
    seen,
    inside,
    out,
    types,
    listed,
    realtime: realtime?.name ?? null,
  };
}

async function sms() {
  const client = new SmsClient(string);
  const results = await client.send(
    { from: smsFrom, to: ["+41445550101", "not a number"], message: "Your visit is at ten." },
    { enableDeliveryReport: true, tag: "walk" },
  );
  return { results: results.map(({ to, successful, httpStatusCode, messageId }) => ({ to, successful, httpStatusCode, named: Boolean(messageId) })) };
}

async function email() {
  const client = new EmailClient(string);
  const poller = await client.beginSend(
    {
      senderAddress: "DoNotReply@clinic.example",
      content: { subject: "By JavaScript", plainText: "They are in.", html: "<p>They are in.</p>" },
      recipients: { to: [{ address: "jo@example.org", displayName: "Jo" }] },
    },
    { updateIntervalInMs: 200 },
  );
  const done = await poller.pollUntilDone();
  return { status: done.status, id: Boolean(done.id), error: done.error ?? null };
}

const seen = {};
for (const part of [identity, rooms, chat, sms, email]) {
  try {
    seen[part.name] = await part();
  } catch (wrong) {
    seen[part.name] = { failed: String(wrong.stack ?? wrong).slice(0, 2000) };
  }
}
console.log(JSON.stringify(seen));
