/** What the app hands to mini-programs: how a payment is shown, which another domain knows. */

import { createContext, useContext, type ComponentType } from "react";
import type { Money } from "@/lib/money";

export interface PaymentForms {
  Charge: ComponentType<{ code: string; onPaid: (paymentId: string) => void }>;
  Transfer: ComponentType<{
    payee: string;
    name: string;
    amount: Money;
    message: string;
    roomId: string;
    onPaid: (paymentId: string) => void;
  }>;
}

const Context = createContext<PaymentForms | null>(null);

export const PaymentFormsProvider = Context.Provider;

export function usePaymentForms(): PaymentForms {
  const found = useContext(Context);
  if (!found) throw new Error("the app hands over the forms of payments");
  return found;
}
