/** How safe a member's messages are, and what to do about it. */

import { ClientEvent, type MatrixClient } from "matrix-js-sdk";
import { CryptoEvent, decodeRecoveryKey } from "matrix-js-sdk/lib/crypto-api";
import { useEffect, useState } from "react";
import { cryptoOf, offerRecoveryKey } from "@/lib/matrix/client";
import { useClient, useNews } from "@/lib/matrix/context";

export interface Security {
  /** Whether this device is signed by the member's own key. */
  isVerified: boolean;
  hasRecovery: boolean;
}

const NEWS = [
  CryptoEvent.KeysChanged,
  CryptoEvent.DevicesUpdated,
  CryptoEvent.UserTrustStatusChanged,
  CryptoEvent.KeyBackupStatus,
  ClientEvent.AccountData,
] as const;

export async function readSecurity(client: MatrixClient): Promise<Security> {
  const crypto = cryptoOf(client);
  const status = await crypto.getDeviceVerificationStatus(
    client.getSafeUserId(),
    client.getDeviceId() ?? "",
  );
  return {
    isVerified: status?.crossSigningVerified ?? false,
    hasRecovery: await client.secretStorage.hasKey(),
  };
}

/** The state, read again whenever keys change; nothing until it is known. */
export function useSecurity(): Security | undefined {
  const client = useClient();
  const news = useNews(client, NEWS);
  const [security, setSecurity] = useState<Security>();
  useEffect(() => {
    let isWanted = true;
    readSecurity(client).then(
      (found) => {
        if (isWanted) setSecurity(found);
      },
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [client, news]);
  return security;
}

// The SDK begins a backup within ten seconds; a house that answers slowly shall not lock the page.
const BACKUP_MS_MAX = 30_000;

/** Wait until the keys of all messages are in the backup: before that the recovery key brings none. */
export function untilBackedUp(client: MatrixClient): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      client.off(CryptoEvent.KeyBackupSessionsRemaining, look);
      resolve();
    };
    const look = (remaining: number) => {
      if (remaining === 0) finish();
    };
    const timer = setTimeout(finish, BACKUP_MS_MAX);
    client.on(CryptoEvent.KeyBackupSessionsRemaining, look);
  });
}

export class WrongRecoveryKey extends Error {}

/**
 * Trust this device and read old messages again, with the recovery key that was kept.
 *
 * @returns how many keys of messages were brought back.
 */
export async function restore(client: MatrixClient, typed: string): Promise<number> {
  const crypto = cryptoOf(client);
  await offerTypedKey(client, typed);
  // The private keys are taken only if they fit the public ones, which must be known first.
  await crypto.userHasCrossSigningKeys(client.getSafeUserId(), true);
  await crypto.bootstrapCrossSigning({
    authUploadDeviceSigningKeys: async (makeRequest) => {
      await makeRequest(null);
    },
  });
  await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
  if (!(await crypto.checkKeyBackupAndEnable())) return 0;
  const { imported } = await crypto.restoreKeyBackup();
  await Promise.all(client.getVisibleRooms().map((room) => room.decryptAllEvents()));
  return imported;
}

async function offerTypedKey(client: MatrixClient, typed: string): Promise<void> {
  let key: Uint8Array<ArrayBuffer>;
  try {
    key = decodeRecoveryKey(typed.trim());
  } catch {
    throw new WrongRecoveryKey();
  }
  const known = await client.secretStorage.getKey();
  if (known && !(await client.secretStorage.checkKey(key, known[1]))) throw new WrongRecoveryKey();
  offerRecoveryKey(key);
}
