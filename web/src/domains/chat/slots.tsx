/** What other domains add to the chat: kinds of events, and things to do beside writing. */

import type { MatrixEvent, Room } from "matrix-js-sdk";
import { createContext, useContext, type ComponentType, type ReactNode } from "react";
import type { Translate } from "@/lib/language";

export interface EventSlot {
  /** Draws the event instead of a text bubble. */
  Bubble: ComponentType<{ event: MatrixEvent; room: Room; isOwn: boolean }>;
  /** One line for the list of chats. */
  summarise: (content: Record<string, unknown>, t: Translate) => string;
}

export interface ComposerSlot {
  id: string;
  label: (t: Translate) => string;
  icon: ReactNode;
  /** A dialog that is opened for a room. */
  Dialog: ComponentType<{ room: Room; onClose: () => void }>;
}

export interface ChatSlots {
  events: Record<string, EventSlot>;
  composer: ComposerSlot[];
}

const SlotContext = createContext<ChatSlots>({ events: {}, composer: [] });

export const ChatSlotProvider = SlotContext.Provider;

export function useChatSlots(): ChatSlots {
  return useContext(SlotContext);
}
