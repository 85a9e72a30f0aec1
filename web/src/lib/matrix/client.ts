/**
 * The Matrix client of who is signed in: made once, kept outside React.
 *
 * This module and what it imports are loaded after sign-in; nothing before may import it.
 */

import {
  ClientEvent,
  createClient,
  IndexedDBStore,
  PendingEventOrdering,
  Preset,
  type ICreateRoomOpts,
  type MatrixClient,
  SyncState,
} from "matrix-js-sdk";
import type { CryptoApi, GeneratedSecretStorageKey } from "matrix-js-sdk/lib/crypto-api";
import type { Prove } from "@/lib/proof";
import type { Session } from "@/lib/session";

const SYNC_DATABASE = "teahouse-sync";
const INITIAL_MESSAGES = 30;

let secretKey: Uint8Array<ArrayBuffer> | undefined;

/** Let the next request for the recovery key be answered by this one. */
export function offerRecoveryKey(key: Uint8Array<ArrayBuffer> | undefined): void {
  secretKey = key;
}

export async function openClient(session: Session): Promise<MatrixClient> {
  const store = new IndexedDBStore({
    indexedDB: window.indexedDB,
    localStorage: window.localStorage,
    dbName: SYNC_DATABASE,
  });
  const client = createClient({
    baseUrl: location.origin,
    userId: session.userId,
    deviceId: session.deviceId,
    accessToken: session.accessToken,
    store,
    timelineSupport: true,
    verificationMethods: ["m.sas.v1", "m.qr_code.show.v1", "m.qr_code.scan.v1", "m.reciprocate.v1"],
    cryptoCallbacks: {
      getSecretStorageKey: ({ keys }) => {
        const id = Object.keys(keys)[0];
        return Promise.resolve(id && secretKey ? [id, secretKey] : null);
      },
      cacheSecretStorageKey: (_id, _info, key) => {
        secretKey = new Uint8Array(key);
      },
    },
  });
  await store.startup();
  await client.initRustCrypto();
  return client;
}

export async function startClient(client: MatrixClient): Promise<void> {
  await client.startClient({
    initialSyncLimit: INITIAL_MESSAGES,
    lazyLoadMembers: true,
    threadSupport: true,
    // Threads show what is on its way only if it is kept apart.
    pendingEventOrdering: PendingEventOrdering.Detached,
  });
}

// After news a moment of quiet: a burst is kept once.
const KEEP_AFTER_MS = 5_000;

/** Keep the newest state on this device, so that the app opens with it when there is no network. */
export function keepState(client: MatrixClient): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = () => {
    clearTimeout(timer);
    timer = undefined;
    // A full disk costs the next start some time, and no message.
    client.store.save(true).catch(() => undefined);
  };
  client.on(ClientEvent.Sync, () => {
    clearTimeout(timer);
    timer = setTimeout(keep, KEEP_AFTER_MS);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep();
  });
}

/** Wait until there is a state to show: the kept one, or the first from the server. */
export function untilShown(client: MatrixClient): Promise<void> {
  return new Promise((resolve) => {
    const look = (state: SyncState | null) => {
      // From the kept state the first one is "prepared", offline too.
      if (state !== SyncState.Prepared && state !== SyncState.Syncing) return;
      client.off(ClientEvent.Sync, look);
      resolve();
    };
    client.on(ClientEvent.Sync, look);
    look(client.getSyncState());
  });
}

const forgetters = new Set<() => Promise<void>>();

/**
 * Have something more forgotten when the device forgets its member.
 *
 * @returns what takes it back.
 */
export function onForget(forget: () => Promise<void>): () => void {
  forgetters.add(forget);
  return () => forgetters.delete(forget);
}

/** Stop, and forget everything that this device knew. */
export async function forgetClient(client: MatrixClient): Promise<void> {
  client.stopClient();
  await Promise.all([...forgetters].map((forget) => forget()));
  await client.clearStores();
}

export function cryptoOf(client: MatrixClient): CryptoApi {
  const crypto = client.getCrypto();
  if (!crypto) throw new Error("the crypto is started before anything is shown");
  return crypto;
}

/**
 * Make the member's own keys if there are none anywhere yet.
 *
 * The first upload needs no password; a house that asks for one all the same gets it when the
 * member sets up the recovery key.
 */
export async function ensureCrossSigning(client: MatrixClient): Promise<void> {
  const crypto = cryptoOf(client);
  const userId = client.getSafeUserId();
  if ((await crypto.getCrossSigningStatus()).privateKeysCachedLocally.selfSigningKey) {
    // The page may have been closed between making the keys and signing this device with them.
    const status = await crypto.getDeviceVerificationStatus(userId, client.getDeviceId() ?? "");
    if (!status?.crossSigningVerified) await crypto.crossSignDevice(client.getDeviceId() ?? "");
    return;
  }
  if (await crypto.userHasCrossSigningKeys(userId, true)) return;
  await crypto.bootstrapCrossSigning({
    authUploadDeviceSigningKeys: async (makeRequest) => {
      await makeRequest(null);
    },
  });
}

/** Make a recovery key and store the member's secrets and a backup under it. */
export async function setUpRecovery(client: MatrixClient, prove: Prove): Promise<string> {
  const crypto = cryptoOf(client);
  await crypto.bootstrapCrossSigning({
    authUploadDeviceSigningKeys: async (makeRequest) => {
      await prove((auth) => makeRequest(auth));
    },
  });
  let made: GeneratedSecretStorageKey | undefined;
  await crypto.bootstrapSecretStorage({
    createSecretStorageKey: async () => {
      made = await crypto.createRecoveryKeyFromPassphrase();
      return made;
    },
    setupNewSecretStorage: true,
    setupNewKeyBackup: true,
  });
  if (!made?.encodedPrivateKey) throw new Error("no recovery key was made");
  return made.encodedPrivateKey;
}

// Chats

const ENCRYPTION = {
  type: "m.room.encryption",
  state_key: "",
  content: { algorithm: "m.megolm.v1.aes-sha2" },
};

/** The encrypted chat with one member: the one there is, or a new one. */
export async function openDirectChat(client: MatrixClient, userId: string): Promise<string> {
  const known = findDirectChat(client, userId);
  if (known) return known;
  const roomId = await createEncrypted(client, {
    preset: Preset.TrustedPrivateChat,
    is_direct: true,
    invite: [userId],
  });
  const direct = readDirectChats(client);
  direct[userId] = [...(direct[userId] ?? []), roomId];
  await client.setAccountData("m.direct" as never, direct as never);
  return roomId;
}

export async function createGroup(
  client: MatrixClient,
  name: string,
  members: string[],
): Promise<string> {
  return createEncrypted(client, { preset: Preset.PrivateChat, name, invite: members });
}

async function createEncrypted(client: MatrixClient, wish: ICreateRoomOpts): Promise<string> {
  const { room_id } = await client.createRoom({ ...wish, initial_state: [ENCRYPTION] });
  return room_id;
}

export function readDirectChats(client: MatrixClient): Record<string, string[]> {
  const found = client.getAccountData("m.direct" as never)?.getContent() ?? {};
  return { ...(found as Record<string, string[]>) };
}

export function findDirectChat(client: MatrixClient, userId: string): string | undefined {
  return readDirectChats(client)[userId]?.find((roomId) => {
    const room = client.getRoom(roomId);
    return room?.getMyMembership() === "join" && room.getMember(userId)?.membership !== "leave";
  });
}
