// Members' devices as matrix-js-sdk drives them, with its Rust crypto: what an app does around it.

import * as sdk from "matrix-js-sdk";
import { decodeRecoveryKey, CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import { SlidingSync } from "matrix-js-sdk/lib/sliding-sync.js";
import { RustBackupManager } from "matrix-js-sdk/lib/rust-crypto/backup.js";

// A story that needs longer than this for one step is broken, even on a busy machine.
const STEP_SECONDS = 25;
// Some things change without an event; this is how often they are looked at all the same.
const LOOK_AGAIN_MS = 100;
const POLL_MS = 10000;

// The SDK waits a random time before each backup, to spread the load over many clients.
RustBackupManager.maxBackupLoopStartDelayMillis = 0;

const report = process.env.STORY_DEBUG ? console.error : () => {};
const logger = {
  trace() {},
  debug() {},
  info() {},
  warn: report,
  error: report,
  getChild: () => logger,
};

/** Wait until a condition, which may be asynchronous, gives something that is not empty. */
export async function until(what, condition) {
  const deadline = Date.now() + STEP_SECONDS * 1000;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`It did not come true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/** The UI of user-interactive authentication: asked for a password, it types it. */
export function typingPassword(user, password) {
  return async (makeRequest) => {
    try {
      return await makeRequest(null);
    } catch (error) {
      if (error.httpStatus !== 401) throw error;
      const identifier = { type: "m.id.user", user };
      const session = error.data.session;
      return await makeRequest({ type: "m.login.password", identifier, password, session });
    }
  };
}

/** One device of a member. `client` is the SDK's, for whatever a story needs beyond this. */
export class Device {
  constructor(url, login, password) {
    this.url = url;
    this.password = password;
    this.requests = [];
    this.recoveryKey = undefined;
    this.client = sdk.createClient({
      baseUrl: url,
      userId: login.user_id,
      deviceId: login.device_id,
      accessToken: login.access_token,
      cryptoCallbacks: { getSecretStorageKey: async ({ keys }) => this.#typeRecoveryKey(keys) },
      verificationMethods: ["m.sas.v1"],
      logger,
    });
  }

  get userId() {
    return this.client.getUserId();
  }

  get deviceId() {
    return this.client.getDeviceId();
  }

  get crypto() {
    return this.client.getCrypto();
  }

  get typesPassword() {
    return typingPassword(this.userId, this.password);
  }

  /** Sign in with a password, make the keys and begin to sync. */
  static async signIn(url, user, password, displayName = "js-sdk", sliding = false) {
    const login = await sdk.createClient({ baseUrl: url, logger }).loginRequest({
      type: "m.login.password",
      identifier: { type: "m.id.user", user },
      password,
      initial_device_display_name: displayName,
    });
    const device = new Device(url, login, password);
    await device.start(sliding && device.#slidingSync());
    return device;
  }

  async start(slidingSync) {
    await this.client.initRustCrypto({ useIndexedDB: false });
    this.client.on(CryptoEvent.VerificationRequestReceived, (r) => this.requests.push(r));
    await this.client.startClient({
      initialSyncLimit: 30,
      threadSupport: true,
      pollTimeout: POLL_MS,
      ...(slidingSync ? { slidingSync } : {}),
    });
    await until("the first sync", () => this.client.isInitialSyncComplete());
  }

  /** Make cross-signing keys, secret storage under a new recovery key, and a key backup. */
  async setUpSecurity() {
    await this.crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: this.typesPassword });
    await this.crypto.bootstrapSecretStorage({
      createSecretStorageKey: async () => {
        const key = await this.crypto.createRecoveryKeyFromPassphrase();
        this.recoveryKey = key.encodedPrivateKey;
        return key;
      },
      setupNewSecretStorage: true,
      setupNewKeyBackup: true,
    });
    await until("cross-signing is ready", () => this.crypto.isCrossSigningReady());
    await until("secret storage is ready", () => this.crypto.isSecretStorageReady());
    return this.recoveryKey;
  }

  /** What a member does on a new device who has kept the recovery key. */
  async recover(recoveryKey) {
    this.recoveryKey = recoveryKey;
    // The private keys are taken only if they fit the public ones, which must be known first.
    await until("the own public keys", () =>
      this.crypto.userHasCrossSigningKeys(this.userId, true),
    );
    await this.crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: this.typesPassword });
    await this.crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    await this.crypto.checkKeyBackupAndEnable();
    return await this.crypto.restoreKeyBackup();
  }

  async createRoom(invite = [], more = {}) {
    const { room_id } = await this.client.createRoom({
      preset: "private_chat",
      invite,
      initial_state: [
        {
          type: "m.room.encryption",
          state_key: "",
          content: { algorithm: "m.megolm.v1.aes-sha2" },
        },
      ],
      ...more,
    });
    await this.untilEncrypted(room_id);
    return room_id;
  }

  async acceptInvite(roomId) {
    await until("the invitation", () => this.room(roomId)?.getMyMembership() === "invite");
    await this.client.joinRoom(roomId);
    await until("the join", () => this.room(roomId)?.getMyMembership() === "join");
    await this.untilEncrypted(roomId);
  }

  async untilMember(roomId, userId) {
    await until(
      "the other member",
      () => this.room(roomId)?.getMember(userId)?.membership === "join",
    );
  }

  async untilEncrypted(roomId) {
    await until("the room's encryption", () => this.crypto.isEncryptionEnabledInRoom(roomId));
  }

  room(roomId) {
    return this.client.getRoom(roomId);
  }

  async sendText(roomId, body, threadId = null) {
    const content = { msgtype: "m.text", body };
    const key = this.client.makeTxnId();
    try {
      const { event_id } = await this.client.sendMessage(roomId, threadId, content, key);
      return event_id;
    } catch (trouble) {
      // The SDK takes a message for unsent whose echo in a thread that is still being fetched came
      // before the answer to the sending.
      if (!trouble.message.includes("not a local echo")) throw trouble;
      const echo = await until("the echo of what was sent", () => this.#echo(roomId, key));
      return echo.getId();
    }
  }

  #echo(roomId, key) {
    const room = this.room(roomId);
    const threads = room.getThreads().flatMap((thread) => thread.events);
    return [...room.getLiveTimeline().getEvents(), ...threads].find(
      (event) => event.getUnsigned().transaction_id === key,
    );
  }

  /** Find an event in the room's timeline or in one of its threads. */
  event(roomId, eventId) {
    return this.room(roomId)?.findEventById(eventId);
  }

  async untilEvent(roomId, eventId) {
    return await until(`the event ${eventId}`, () => this.event(roomId, eventId));
  }

  /** Wait for an event and for its key. */
  async untilReadable(roomId, eventId) {
    return await until(`the text of ${eventId}`, () => {
      const event = this.event(roomId, eventId);
      return event && isReadable(event) && event;
    });
  }

  /** Wait for a text that is known, of an event whose id is not. */
  async untilText(roomId, body) {
    return await until(`the text ${body}`, () => this.texts(roomId).find((e) => e.body === body));
  }

  texts(roomId) {
    const events = this.room(roomId)?.getLiveTimeline().getEvents() ?? [];
    return events
      .filter((e) => isReadable(e) && e.getType() === "m.room.message")
      .map((e) => ({ id: e.getId(), sender: e.getSender(), body: e.getContent().body }));
  }

  /** Fetch an event as the server holds it. */
  async storedEvent(roomId, eventId) {
    return await this.client.fetchRoomEvent(roomId, eventId);
  }

  /** What the server answers to this device's token; the error code when it refuses. */
  async whoAmI() {
    return await errorCode(() => this.client.whoami());
  }

  async trustsDevice(userId, deviceId) {
    const status = await this.crypto.getDeviceVerificationStatus(userId, deviceId);
    return status?.crossSigningVerified ?? false;
  }

  async trustsMember(userId) {
    return (await this.crypto.getUserVerificationStatus(userId)).isCrossSigningVerified();
  }

  close() {
    this.client.stopClient();
  }

  /** One list of the newest rooms, as Element X asks for. */
  #slidingSync() {
    const required_state = [["*", "*"]];
    const list = { ranges: [[0, 19]], timeline_limit: 20, required_state };
    const lists = new Map([["newest", list]]);
    const subscription = { timeline_limit: 20, required_state };
    return new SlidingSync(this.url, lists, subscription, this.client, POLL_MS);
  }

  #typeRecoveryKey(keys) {
    if (this.recoveryKey === undefined) return null;
    return [Object.keys(keys)[0], decodeRecoveryKey(this.recoveryKey)];
  }
}

/** What a call answered, or the error code it was refused with. */
export async function errorCode(call) {
  try {
    return await call();
  } catch (error) {
    return error.errcode ?? String(error);
  }
}

export function isReadable(event) {
  return !event.isBeingDecrypted() && !event.isDecryptionFailure() &&
    event.getType() !== "m.room.encrypted";
}

/** Compare emoji on both ends of a verification request until both are done. */
export async function compareEmoji(asking, asked, request) {
  const received = await until("the verification request", () =>
    asked.requests.find((r) => r.transactionId === request.transactionId),
  );
  await received.accept();
  await until("the request is ready", () => request.phase === 3);
  const ours = await request.startVerification("m.sas.v1");
  const theirs = await until("the other verifier", () => received.verifier);
  const done = [ours.verify(), theirs.verify()];
  const shown = await Promise.all([ours, theirs].map(emojiOf));
  await Promise.all(shown.map((sas) => sas.confirm()));
  await Promise.all(done);
  await until("both are done", () => request.phase === 6 && received.phase === 6);
  return shown.map((sas) => sas.sas.emoji.map(([emoji]) => emoji));
}

async function emojiOf(verifier) {
  return await until("the emoji", () => verifier.getShowSasCallbacks());
}
