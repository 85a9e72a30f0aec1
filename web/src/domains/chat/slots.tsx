/** What other domains add to the chat: kinds of messages, and things to do beside writing. */

import type { MatrixEvent, Room } from "matrix-js-sdk";
import { createContext, useContext, type ComponentType, type ReactNode } from "react";
import type { Translate } from "@/lib/language";
import type { ThreadPlace } from "./text/compose";

export interface BlockSlot {
  /** Draws the message instead of a text bubble. */
  Bubble: ComponentType<{ event: MatrixEvent; room: Room; isOwn: boolean }>;
  /** One line for the list of chats. */
  summarise: (content: Record<string, unknown>, t: Translate) => string;
}

export interface ComposerSlot {
  id: string;
  label: (t: Translate) => string;
  icon: ReactNode;
  /** A dialog that is opened for a room, and for a thread in it. */
  Dialog: ComponentType<{ room: Room; thread?: ThreadPlace | undefined; onClose: () => void }>;
  /** Whether its dialog knows threads; what doesn't belongs to the chat as a whole. */
  goesIntoThreads?: boolean;
  /** Whether it is offered at all; without it, it is. */
  isOffered?: () => boolean;
}

export interface ChatSlots {
  /** By the event's type, or by the member of its content that tells of more than its text. */
  blocks: Record<string, BlockSlot>;
  composer: ComposerSlot[];
}

const SlotContext = createContext<ChatSlots>({ blocks: {}, composer: [] });

export const ChatSlotProvider = SlotContext.Provider;

export function findSlot(slots: ChatSlots, content: object, type = ""): BlockSlot | undefined {
  // A stranger names the members: what every object inherits is no slot.
  const name = [type, ...Object.keys(content)].find((each) => Object.hasOwn(slots.blocks, each));
  return name === undefined ? undefined : slots.blocks[name];
}

export function useChatSlots(): ChatSlots {
  return useContext(SlotContext);
}
