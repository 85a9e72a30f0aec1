/** What this folder asks of /api/v1/account: passkeys, one-time codes, the password. */

import { call, fetchApi } from "@/lib/api";
import { ask } from "@/lib/http";
import { makePasskey } from "@/lib/passkeys";
import type { Auth, Prove } from "@/lib/proof";
import { currentSession } from "@/lib/session";

export interface Passkey {
  passkey_id: string;
  name: string;
  created_at: number;
  last_used_at: number | null;
}

/** What opens the account. */
export interface Ways {
  has_password: boolean;
  has_totp: boolean;
  recovery_codes_left: number;
  passkeys: Passkey[];
}

export interface TotpSecret {
  secret: string;
  uri: string;
}

const ROOT = "/account";

export function fetchWays(): Promise<Ways> {
  return fetchApi<Ways>(`${ROOT}/security`);
}

function confirmed(auth: Auth | null): object {
  return auth ? { auth } : {};
}

/** Make a passkey, once the member has shown that it is them. */
export async function addPasskey(prove: Prove, name: string): Promise<void> {
  const { challenge_id, public_key } = await prove((auth) =>
    call<{ challenge_id: string; public_key: object }>(`${ROOT}/passkeys/options`, {
      method: "POST",
      body: confirmed(auth),
    }),
  );
  const credential = await makePasskey(public_key);
  await call(`${ROOT}/passkeys`, { method: "POST", body: { challenge_id, credential, name } });
}

export async function renamePasskey(id: string, name: string): Promise<void> {
  await call(`${ROOT}/passkeys/${encodeURIComponent(id)}`, { method: "PATCH", body: { name } });
}

export async function removePasskey(prove: Prove, id: string): Promise<void> {
  const path = `${ROOT}/passkeys/${encodeURIComponent(id)}`;
  await prove((auth) => call(path, { method: "DELETE", body: confirmed(auth) }));
}

export function beginTotp(prove: Prove): Promise<TotpSecret> {
  return prove((auth) =>
    call<TotpSecret>(`${ROOT}/totp`, { method: "POST", body: confirmed(auth) }),
  );
}

export async function confirmTotp(code: string): Promise<string[]> {
  const body = { code: code.replace(/\s/g, "") };
  return (await call<Codes>(`${ROOT}/totp/confirm`, { method: "POST", body })).recovery_codes;
}

export async function removeTotp(prove: Prove): Promise<void> {
  await prove((auth) => call(`${ROOT}/totp`, { method: "DELETE", body: confirmed(auth) }));
}

export async function renewCodes(prove: Prove): Promise<string[]> {
  const made = await prove((auth) =>
    call<Codes>(`${ROOT}/recovery-codes`, { method: "POST", body: confirmed(auth) }),
  );
  return made.recovery_codes;
}

interface Codes {
  recovery_codes: string[];
}

export async function changePassword(
  prove: Prove,
  password: string,
  signsOthersOut: boolean,
): Promise<void> {
  const wish = { new_password: password, logout_devices: signsOthersOut };
  await prove((auth) =>
    ask("/_matrix/client/v3/account/password", {
      body: { ...wish, ...confirmed(auth) },
      token: currentSession()?.accessToken,
    }),
  );
}
