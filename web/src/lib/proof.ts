/**
 * Showing again that it is you, before something grave (Matrix: user-interactive authentication).
 *
 * Whoever does something grave asks `useProof`; the accounts' dialog answers.
 */

import { createContext, useContext } from "react";

export type Auth = Record<string, unknown>;

export interface Question {
  session: string;
  flows: { stages: string[] }[];
  completed: string[];
  params: Record<string, { public_key?: object } | undefined>;
  /** Whether the last answer was wrong. */
  isRefused: boolean;
}

/** They closed the dialog: nothing was done, and nothing need be said. */
export class NotProven extends Error {}

/** Do something, with `auth` in the request once the server has asked for it. */
export type Prove = <T>(makeRequest: (auth: Auth | null) => Promise<T>) => Promise<T>;

const ProofContext = createContext<Prove>((makeRequest) => makeRequest(null));

export const ProofContextProvider = ProofContext.Provider;

export function useProof(): Prove {
  return useContext(ProofContext);
}

/** What the server wants to see, if that is why it refused; from our errors and the Matrix SDK's. */
export function readQuestion(error: unknown): Question | undefined {
  const { status, httpStatus, data, code, errcode } = (error ?? {}) as Record<string, unknown>;
  if ((status ?? httpStatus) !== 401) return undefined;
  const asked = (data ?? {}) as Partial<Question>;
  if (typeof asked.session !== "string" || !Array.isArray(asked.flows)) return undefined;
  return {
    session: asked.session,
    flows: asked.flows,
    completed: asked.completed ?? [],
    params: asked.params ?? {},
    isRefused: code === "reauthentication-failed" || errcode === "M_FORBIDDEN" || code === "M_FORBIDDEN",
  };
}

export const PASSWORD = "m.login.password";
export const CODE = "org.teahouse.login.totp";
export const PASSKEY = "org.teahouse.login.passkey";

export interface Ways {
  /** What is typed next: nothing where only a passkey will do. */
  typed: typeof PASSWORD | typeof CODE | undefined;
  hasPasskey: boolean;
}

/** How a question can be answered next. A way that has begun is gone to its end. */
export function chooseWays({ flows, completed }: Question): Ways {
  const typed = flows
    .filter(({ stages }) => completed.every((stage) => stages.includes(stage)))
    .flatMap(({ stages }) => stages.filter((stage) => !completed.includes(stage)))
    .find((stage) => stage === PASSWORD || stage === CODE);
  return { typed, hasPasskey: flows.some(({ stages }) => stages.length === 1 && stages[0] === PASSKEY) };
}

/** A one-time code has six digits; what is longer was written down before. */
export function readCode(typed: string): { code: string } | { recovery_code: string } {
  const text = typed.replace(/\s/g, "");
  return text.length > 6 ? { recovery_code: text } : { code: text };
}
