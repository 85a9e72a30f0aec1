/** Passkeys in the browser: whether it has them, making one, signing with one. */

/** Whether passkeys work here; browsers have none on bare addresses and without encryption. */
export function canUsePasskeys(): boolean {
  const isBare = /^[\d.]+$|^\[/.test(location.hostname);
  return (
    window.isSecureContext &&
    !isBare &&
    "PublicKeyCredential" in window &&
    "parseRequestOptionsFromJSON" in PublicKeyCredential
  );
}

/** Who was asked for a passkey closed the browser's question, or had none that fits. */
export class PasskeyDeclined extends Error {}

/** Make a passkey on this device, or on one that the browser reaches; its answer as JSON. */
export function makePasskey(options: object): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never);
  return answer(navigator.credentials.create({ publicKey }));
}

/** Sign with a passkey; its answer as JSON. */
export function signWithPasskey(options: object): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as never);
  return answer(navigator.credentials.get({ publicKey }));
}

const DECLINED = new Set(["NotAllowedError", "AbortError"]);

async function answer(asked: Promise<Credential | null>): Promise<unknown> {
  let found: Credential | null;
  try {
    found = await asked;
  } catch (error) {
    // All else is no wish of theirs: a passkey that is there already, a house under another name.
    const isDeclined = error instanceof DOMException && DECLINED.has(error.name);
    throw isDeclined ? new PasskeyDeclined() : error;
  }
  if (!(found instanceof PublicKeyCredential)) throw new PasskeyDeclined();
  return found.toJSON();
}
