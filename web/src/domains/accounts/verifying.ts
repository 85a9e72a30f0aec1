/** The verification that is under way, if one is; begun here or by another device. */

import type { VerificationRequest } from "matrix-js-sdk/lib/crypto-api";
import { createContext, useContext } from "react";

export interface Verifying {
  request: VerificationRequest | undefined;
  begin: (request: VerificationRequest | undefined) => void;
}

export const VerifyingContext = createContext<Verifying>({
  request: undefined,
  begin: () => undefined,
});

export function useVerification(): Verifying {
  return useContext(VerifyingContext);
}
