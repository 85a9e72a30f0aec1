/** The wallet's pages beside paying, by the first part of their path below /me. */

import type { ReactNode } from "react";
import { BanksPage } from "./Banks";
import { DisputesPage } from "./Disputes";
import { ExportsPage } from "./Exports";
import { FreezePage } from "./Freeze";
import { LimitsPage } from "./Limits";
import { MandatesPage } from "./Mandates";
import { PayInPage } from "./PayIn";
import { SummaryPage } from "./Summary";

export function makeWalletPages(second: string | undefined): Record<string, ReactNode> {
  return {
    "me/summary": <SummaryPage />,
    "me/limits": <LimitsPage />,
    "me/exports": <ExportsPage />,
    "me/banks": <BanksPage />,
    "me/pay-in": <PayInPage />,
    "me/mandates": <MandatesPage />,
    "me/disputes": <DisputesPage paymentId={second} />,
    "me/freeze": <FreezePage />,
  };
}
