/** Signing in and up, without the Matrix SDK: that is loaded when somebody is in. */

import { ApiError, ask, readError } from "@/lib/http";
import { signWithPasskey } from "@/lib/passkeys";
import { readCode } from "@/lib/proof";
import type { Session } from "@/lib/session";

export interface LoginAnswer {
  user_id: string;
  device_id: string;
  access_token: string;
}

interface Challenge {
  session: string;
  flows: { stages: string[] }[];
}

export type Registration = "open" | "token" | "closed";

export interface Typed {
  name: string;
  password: string;
  /** A one-time code, or one of those kept for when the app is lost; empty where none was asked. */
  code: string;
}

/** The password was right, and a one-time code is wanted too. */
export function isCodeNeeded(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    ["ORG.TEAHOUSE.SECOND_FACTOR_NEEDED", "second-factor-needed"].includes(error.code)
  );
}

export async function signIn(typed: Typed): Promise<Session> {
  return readLogin(await logInByPassword(typed, ownDevice()));
}

export async function signInWithPasskey(): Promise<Session> {
  return readLogin(await logInByPasskey(ownDevice()));
}

/** What a client says of the device that is signed in. */
export interface DeviceWish {
  device_id?: string;
  initial_device_display_name?: string;
}

function ownDevice(): DeviceWish {
  return { initial_device_display_name: describeDevice() };
}

export function logInByPassword(typed: Typed, device: DeviceWish): Promise<LoginAnswer> {
  const { name, password, code } = typed;
  const given = code ? readCode(code) : {};
  return ask<LoginAnswer>("/_matrix/client/v3/login", {
    body: {
      type: "m.login.password",
      identifier: { type: "m.id.user", user: name.trim() },
      password,
      ...device,
      ...("code" in given ? { "org.teahouse.totp": given.code } : {}),
      ...("recovery_code" in given ? { "org.teahouse.recovery_code": given.recovery_code } : {}),
    },
  });
}

export async function logInByPasskey(device: DeviceWish): Promise<LoginAnswer> {
  const { login_token: token } = await fetchTokenByPasskey();
  const body = { type: "m.login.token", token, ...device };
  return ask<LoginAnswer>("/_matrix/client/v3/login", { body });
}

// For other Matrix clients: a token that signs them in, and where to bring it.

export interface LoginToken {
  user_id: string;
  login_token: string;
  expires_in_ms: number;
  redirect_to: string | null;
}

export interface ForeignClient {
  kind: "web" | "app";
  name: string;
  is_known: boolean;
}

const SIGN_IN = "/api/v1/account/sign-in";

/** Who would get a login token. */
export function findForeignClient(address: string): Promise<ForeignClient> {
  return ask<ForeignClient>(`${SIGN_IN}/client?${new URLSearchParams({ redirect_url: address })}`);
}

export async function fetchTokenByPasskey(redirectUrl?: string): Promise<LoginToken> {
  const { challenge_id, public_key } = await ask<{ challenge_id: string; public_key: object }>(
    `${SIGN_IN}/options`,
    { body: {} },
  );
  const credential = await signWithPasskey(public_key);
  const to = redirectUrl === undefined ? {} : { redirect_url: redirectUrl };
  return ask<LoginToken>(SIGN_IN, { body: { challenge_id, credential, ...to } });
}

export function fetchTokenByPassword(typed: Typed, redirectUrl: string): Promise<LoginToken> {
  const given = typed.code ? readCode(typed.code) : {};
  return ask<LoginToken>(`${SIGN_IN}/password`, {
    body: {
      name: typed.name.trim(),
      password: typed.password,
      redirect_url: redirectUrl,
      ...("code" in given ? { totp: given.code } : given),
    },
  });
}

export interface House {
  server_name: string;
  registration: Registration;
  upload_bytes_limit: number;
}

let house: Promise<House> | undefined;

/** What this house is called and who may register; asked once. */
export function findHouse(): Promise<House> {
  house ??= ask<House>("/api/v1/house").catch((error: unknown) => {
    house = undefined;
    throw error;
  });
  return house;
}

export async function signUp(name: string, password: string, code: string): Promise<Session> {
  const wish = { username: name, password, initial_device_display_name: describeDevice() };
  let answer = await askToRegister(wish);
  if (!(answer instanceof ApiError) && "flows" in answer) {
    const { session, flows } = answer;
    for (const stage of flows[0]?.stages ?? []) {
      const given = stage === "m.login.registration_token" ? { token: code.trim() } : {};
      answer = await askToRegister({ ...wish, auth: { type: stage, session, ...given } });
    }
  }
  if (answer instanceof ApiError) throw answer;
  if ("flows" in answer) throw new ApiError(401, "wrong-code", "wrong code");
  return readLogin(answer);
}

/** Register; a 401 with stages is no error but the next question. */
async function askToRegister(body: object): Promise<LoginAnswer | Challenge | ApiError> {
  try {
    return await ask<LoginAnswer>("/_matrix/client/v3/register", { body });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "network") throw error;
    const isQuestion = error.status === 401 && Array.isArray(error.data.flows);
    if (!isQuestion) return error;
    if (typeof error.data.errcode === "string") return readError(401, error.data);
    return error.data as unknown as Challenge;
  }
}

export async function signOut(session: Session): Promise<void> {
  await ask("/_matrix/client/v3/logout", { method: "POST", body: {}, token: session.accessToken });
}

function readLogin(answer: LoginAnswer): Session {
  return {
    userId: answer.user_id,
    deviceId: answer.device_id,
    accessToken: answer.access_token,
  };
}

/** What stands in the list of devices, such as "Chrome on Android". */
export function describeDevice(agent = navigator.userAgent): string {
  const browsers = ["Firefox", "Edg", "OPR", "Chrome", "Safari"];
  const systems = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "CrOS", "Linux"];
  const browser = browsers.find((name) => agent.includes(name)) ?? "Web";
  const system = systems.find((name) => agent.includes(name));
  const called = { Edg: "Edge", OPR: "Opera" }[browser] ?? browser;
  return system ? `Teahouse · ${called}, ${system}` : `Teahouse · ${called}`;
}
