/** The pages of mini-programs, by the first two parts of their path. */

import type { ReactNode } from "react";
import { MenuPage } from "./MenuPage";
import { ProgramPage } from "./ProgramPage";
import { AboutProgram } from "./Programs";
import { ShopOrders } from "./ShopOrders";

export function makeProgramPages([, second = "", third = ""]: string[]): Record<string, ReactNode> {
  return {
    "discover/open": <ProgramPage key={`${second} ${third}`} programId={second} roomId={third} />,
    "discover/about": <AboutProgram key={second} programId={second} />,
    "me/menu": <MenuPage key={second} shopId={second} />,
    "me/orders": <ShopOrders key={second} shopId={second} />,
  };
}
