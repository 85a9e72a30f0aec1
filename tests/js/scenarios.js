// The stories' scenes. Each gets what pytest hands it, and returns what there was to be seen.

import * as sdk from "matrix-js-sdk";
import { download, openFile, sendFile } from "./attachment.js";
import { compareEmoji, Device, errorCode, until } from "./device.js";

/** Two members, each on a first device, in an encrypted room. */
async function twoInARoom({ url, alice, bob, password }) {
  const a = await Device.signIn(url, alice, password);
  const b = await Device.signIn(url, bob, password);
  const roomId = await a.createRoom([b.userId]);
  await b.acceptInvite(roomId);
  await a.untilMember(roomId, b.userId);
  return { a, b, roomId };
}

/** Register with the forms of the client, sign in for a token that can be renewed, renew it. */
export async function registerAndRefresh({ url, name, password }) {
  const client = sdk.createClient({ baseUrl: url });
  const form = { username: name, password, inhibit_login: true };
  const session = await client.registerRequest(form).catch((e) => e.data.session);
  const registered = await client.registerRequest({
    ...form,
    auth: { type: "m.login.dummy", session },
  });
  const login = await client.loginRequest({
    type: "m.login.password",
    identifier: { type: "m.id.user", user: name },
    password,
    refresh_token: true,
  });
  const before = await new Device(url, login, password).whoAmI();
  const renewed = await client.refreshToken(login.refresh_token);
  const second = new Device(url, { ...login, ...renewed }, password);
  const after = await second.whoAmI();
  await second.client.logout();
  return {
    registered: registered.user_id,
    deviceId: login.device_id,
    before,
    after,
    newTokens:
      renewed.access_token !== login.access_token && renewed.refresh_token !== login.refresh_token,
    signedOut: await second.whoAmI(),
    refreshSignedOut: await errorCode(() => client.refreshToken(renewed.refresh_token)),
  };
}

/** Text both ways, then a file, in an encrypted room. */
export async function talk(cast) {
  const { a, b, roomId } = await twoInARoom(cast);
  const question = await a.sendText(roomId, cast.question);
  const heard = await b.untilReadable(roomId, question);
  const answer = await b.sendText(roomId, cast.answer);
  const heardBack = await a.untilReadable(roomId, answer);
  const fileEvent = await sendFile(a, roomId, cast.file, "recipe.txt");
  const told = await b.untilReadable(roomId, fileEvent);
  const held = await download(b, told.getContent().file.url);
  return {
    heard: heard.getContent().body,
    heardBack: heardBack.getContent().body,
    sender: heard.getSender(),
    wasEncrypted: heard.isEncrypted() && heardBack.isEncrypted() && told.isEncrypted(),
    storedType: (await b.storedEvent(roomId, question)).type,
    file: await openFile(b, told),
    fileName: told.getContent().body,
    heldByServer: Buffer.from(held).toString("latin1"),
  };
}

/** A thread, an edit, a reaction, receipts, the read marker and a redaction. */
export async function converse(cast) {
  const { a, b, roomId } = await twoInARoom(cast);
  const root = await a.sendText(roomId, "Which tea for Sunday?");
  await b.untilReadable(roomId, root);
  return {
    thread: await answerInThread(a, b, roomId, root),
    edit: await edit(a, b, roomId, root),
    reaction: await react(a, b, roomId, root),
    receipt: await read(a, b, roomId, root),
    redaction: await redact(a, b, roomId),
  };
}

async function answerInThread(a, b, roomId, root) {
  const inThread = (device) => device.room(roomId).getThread(root)?.events ?? [];
  const sent = [];
  for (const text of ["Keemun", "Assam"]) sent.push(await b.sendText(roomId, text, root));
  const last = await a.untilReadable(roomId, sent[1]);
  await until("the whole thread", () => inThread(a).some((e) => e.getId() === sent[1]));
  return {
    root: last.threadRootId === root,
    texts: inThread(a).filter((e) => sent.includes(e.getId())).map((e) => e.getContent().body),
    inMainTimeline: a.texts(roomId).some((e) => sent.includes(e.id)),
    listed: (await a.client.createThreadListMessagesRequest(roomId, null)).chunk.map(
      (e) => e.event_id === root,
    ),
  };
}

async function edit(a, b, roomId, root) {
  const body = "Which tea for Monday?";
  await a.client.sendMessage(roomId, {
    msgtype: "m.text",
    body: `* ${body}`,
    "m.new_content": { msgtype: "m.text", body },
    "m.relates_to": { rel_type: "m.replace", event_id: root },
  });
  const event = b.event(roomId, root);
  await until("the edit", () => event.replacingEvent() && event.getContent().body === body);
  return { text: event.getContent().body, original: event.getOriginalContent().body };
}

async function react(a, b, roomId, root) {
  const relates = { rel_type: "m.annotation", event_id: root, key: "🫖" };
  await b.client.sendEvent(roomId, "m.reaction", { "m.relates_to": relates });
  const relations = () =>
    a.room(roomId).relations.getChildEventsForEvent(root, "m.annotation", "m.reaction");
  const counted = await until("the reaction", () => relations()?.getSortedAnnotationsByKey()?.[0]);
  return { key: counted[0], by: [...counted[1]].map((e) => e.getSender() === b.userId) };
}

async function read(a, b, roomId, root) {
  const last = await a.sendText(roomId, "The kettle boils");
  const event = await b.untilReadable(roomId, last);
  const readBefore = a.room(roomId).hasUserReadEvent(b.userId, last);
  await b.client.sendReadReceipt(event);
  await until("the receipt", () => a.room(roomId).hasUserReadEvent(b.userId, last));
  await b.client.setRoomReadMarkers(roomId, root);
  const marker = () => b.room(roomId).getAccountData("m.fully_read")?.getContent().event_id;
  await until("the read marker", () => marker() === root);
  const othersMarker = a.room(roomId).getAccountData("m.fully_read")?.getContent() ?? null;
  return { readBefore, readAfter: true, marker: marker() === root, othersMarker };
}

async function redact(a, b, roomId) {
  const secret = await a.sendText(roomId, "The surprise is on Friday");
  const event = await b.untilReadable(roomId, secret);
  const bodyBefore = event.getContent().body;
  await a.client.redactEvent(roomId, secret, undefined, { reason: "It was a secret" });
  await until("the redaction", () => event.isRedacted());
  const stored = await b.storedEvent(roomId, secret);
  return {
    bodyBefore,
    bodyAfter: event.getContent().body ?? null,
    stored: stored.content,
    reason: stored.unsigned.redacted_because.content.reason,
  };
}

/** Verify a second device of a member; it then gets the keys that only verified devices have. */
export async function verifyOwnDevices({ url, alice, password }) {
  const phone = await Device.signIn(url, alice, password, "phone");
  await phone.setUpSecurity();
  const tablet = await Device.signIn(url, alice, password, "tablet");
  await until("the phone knows the tablet", async () =>
    (await phone.crypto.getUserDeviceInfo([phone.userId])).get(phone.userId)?.has(tablet.deviceId),
  );
  const before = await phone.trustsDevice(tablet.userId, tablet.deviceId);
  const request = await tablet.crypto.requestOwnUserVerification();
  const emoji = await compareEmoji(tablet, phone, request);
  await until("the phone trusts the tablet", () =>
    phone.trustsDevice(tablet.userId, tablet.deviceId),
  );
  await until("the tablet trusts the phone", () =>
    tablet.trustsDevice(phone.userId, phone.deviceId),
  );
  const held = await until("the tablet got the private keys", async () => {
    const { privateKeysCachedLocally: keys } = await tablet.crypto.getCrossSigningStatus();
    return Object.values(keys).every(Boolean) && keys;
  });
  const backupKeys = await until("the tablet got the backup key", async () => {
    const key = await tablet.crypto.getSessionBackupPrivateKey();
    return key && [key, await phone.crypto.getSessionBackupPrivateKey()];
  });
  return { before, emoji, held, sameBackupKey: Buffer.from(backupKeys[0]).equals(backupKeys[1]) };
}

/** Two members verify each other in their room; a device signed in later is trusted at once. */
export async function verifyTwoMembers(cast) {
  const { a, b, roomId } = await twoInARoom(cast);
  await a.setUpSecurity();
  const recoveryKey = await b.setUpSecurity();
  for (const [one, other] of [[a, b], [b, a]]) {
    await until("the other's cross-signing keys", () =>
      one.crypto.userHasCrossSigningKeys(other.userId),
    );
  }
  const before = [await a.trustsMember(b.userId), await b.trustsMember(a.userId)];
  const request = await a.crypto.requestVerificationDM(b.userId, roomId);
  const emoji = await compareEmoji(a, b, request);
  await until("alice trusts bob", () => a.trustsMember(b.userId));
  await until("bob trusts alice", () => b.trustsMember(a.userId));
  const tablet = await Device.signIn(cast.url, cast.bob, cast.password, "tablet");
  await tablet.recover(recoveryKey);
  await until("alice trusts bob's tablet", () => a.trustsDevice(b.userId, tablet.deviceId));
  await until("bob's tablet trusts alice", () => tablet.trustsMember(a.userId));
  return { before, emoji, after: true, tabletTrustsAlice: true };
}

/** A member who sees other emoji says so; nobody is trusted. */
export async function refuseEmoji(cast) {
  const { a, b, roomId } = await twoInARoom(cast);
  await a.setUpSecurity();
  await b.setUpSecurity();
  const request = await a.crypto.requestVerificationDM(b.userId, roomId);
  const received = await until("the request", () => b.requests[0]);
  await received.accept();
  await until("the request is ready", () => request.phase === 3);
  const ours = await request.startVerification("m.sas.v1");
  const theirs = await until("the other verifier", () => received.verifier);
  const ends = [errorOf(ours.verify()), errorOf(theirs.verify())];
  await until("the emoji on one side", () => ours.getShowSasCallbacks());
  (await until("the emoji on the other", () => theirs.getShowSasCallbacks())).mismatch();
  await until("both are cancelled", () => request.phase === 5 && received.phase === 5);
  return {
    failed: (await Promise.all(ends)).map((e) => e !== null),
    code: request.cancellationCode,
    trusted: [await a.trustsMember(b.userId), await b.trustsMember(a.userId)],
  };
}

async function errorOf(promise) {
  return await promise.then(() => null, (error) => String(error));
}

/** Lose the phone; read everything again on a new one by the recovery key. */
export async function backUpAndRestore(cast) {
  const { a, b, roomId } = await twoInARoom(cast);
  const recoveryKey = await a.setUpSecurity();
  const sent = [];
  for (const text of cast.texts) {
    sent.push(await b.sendText(roomId, text));
    await a.untilReadable(roomId, sent.at(-1));
    // Each text under a key of its own, so that the backup holds several.
    await b.crypto.forceDiscardSession(roomId);
  }
  const backup = await until("the backup holds every key", async () => {
    // The SDK remembers the backup as it was when it was made; the server knows what is in it.
    const info = await a.client.http.authedRequest("GET", "/room_keys/version");
    return info.count >= cast.texts.length && info;
  });
  await a.client.logout(true);
  const fresh = await Device.signIn(cast.url, cast.alice, cast.password, "new phone");
  await until("the room", () => fresh.room(roomId));
  const event = await fresh.untilEvent(roomId, sent[0]);
  await until("the try to decrypt", () => event.isDecryptionFailure());
  const before = fresh.texts(roomId).map((e) => e.body);
  const restored = await fresh.recover(recoveryKey);
  for (const id of sent) await fresh.untilReadable(roomId, id);
  return {
    recoveryKey,
    algorithm: backup.algorithm,
    before,
    after: fresh.texts(roomId).map((e) => e.body),
    imported: restored.imported,
    total: restored.total,
    crossSigned: await until("the new phone is signed", () =>
      fresh.trustsDevice(fresh.userId, fresh.deviceId),
    ),
    storedSecret: Object.keys(
      (await fresh.client.getAccountDataFromServer("m.cross_signing.master")).encrypted,
    ).length,
  };
}

/** A device that was signed in, used and removed: the other member sees it come and go. */
export async function comeAndGo(cast) {
  const { a, b, roomId } = await twoInARoom(cast);
  const known = async () => [
    ...((await a.crypto.getUserDeviceInfo([b.userId])).get(b.userId)?.keys() ?? []),
  ];
  const count = (n) => until(`${n} devices`, async () => (await known()).length === n);
  await count(1);
  const tablet = await Device.signIn(cast.url, cast.bob, cast.password, "tablet");
  await count(2);
  const both = await known();
  const id = await a.sendText(roomId, "To all your devices");
  const onTablet = (await tablet.untilReadable(roomId, id)).getContent().body;
  const onPhone = (await b.untilReadable(roomId, id)).getContent().body;
  await b.typesPassword((auth) => b.client.deleteMultipleDevices([tablet.deviceId], auth));
  await count(1);
  return {
    both: [b.deviceId, tablet.deviceId].every((d) => both.includes(d)),
    onTablet,
    onPhone,
    left: (await known())[0] === b.deviceId,
    removed: await tablet.whoAmI(),
  };
}

/** A member without any device left hears of what was said meanwhile by a dehydrated one. */
export async function dehydrate(cast) {
  const { a, b, roomId } = await twoInARoom(cast);
  const recoveryKey = await a.setUpSecurity();
  const supported = await a.crypto.isDehydrationSupported();
  await a.crypto.startDehydration();
  const count = async (n) =>
    (await b.crypto.getUserDeviceInfo([a.userId])).get(a.userId)?.size === n;
  await until("bob knows the dehydrated device", () => count(2));
  await a.client.logout(true);
  await until("bob knows that the phone is gone", () => count(1));
  const id = await b.sendText(roomId, cast.text);
  const fresh = await Device.signIn(cast.url, cast.alice, cast.password, "new phone");
  const event = await fresh.untilEvent(roomId, id);
  await until("the try to decrypt", () => event.isDecryptionFailure());
  await fresh.recover(recoveryKey);
  const before = fresh.texts(roomId).map((e) => e.body);
  await fresh.crypto.startDehydration();
  return { supported, before, text: (await fresh.untilReadable(roomId, id)).getContent().body };
}

/** A member whose client uses sliding sync talks with one whose client does not. */
export async function slide(cast) {
  const a = await Device.signIn(cast.url, cast.alice, cast.password);
  const earlier = await a.createRoom([], { name: "Earlier" });
  const b = await Device.signIn(cast.url, cast.bob, cast.password, "sliding", true);
  const roomId = await a.createRoom([b.userId], { name: "Tea room" });
  await b.acceptInvite(roomId);
  await a.untilMember(roomId, b.userId);
  const question = await a.sendText(roomId, cast.question);
  const heard = await b.untilReadable(roomId, question);
  const answer = await b.sendText(roomId, cast.answer);
  const heardBack = await a.untilReadable(roomId, answer);
  await a.client.sendReadReceipt(heardBack);
  await until("the receipt", () => b.room(roomId).hasUserReadEvent(a.userId, answer));
  await a.client.sendTyping(roomId, true, 10000);
  await until("the typing", () => b.room(roomId).getMember(a.userId).typing);
  return {
    name: b.room(roomId).name,
    heard: heard.getContent().body,
    heardBack: heardBack.getContent().body,
    encrypted: heard.isEncrypted() && heardBack.isEncrypted(),
    seesOthersRooms: b.room(earlier) !== null,
  };
}

/** Wait for an invitation, hear somebody on another client, and answer. */
export async function answerInRoom({ url, user, password, roomId, hear, answer }) {
  const device = await Device.signIn(url, user, password);
  await device.acceptInvite(roomId);
  const heard = await device.untilText(roomId, hear);
  const event = device.event(roomId, heard.id);
  const answerId = await device.sendText(roomId, answer);
  return { heard: heard.body, sender: heard.sender, encrypted: event.isEncrypted(), answerId };
}

