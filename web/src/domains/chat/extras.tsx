/** What the chat itself sends beside text, as slots like those of other domains. */

import { ChartBarBig, MapPin } from "lucide-react";
import { currentSettings } from "@/lib/settings";
import { PlaceBubble } from "./location/PlaceBubble";
import { SharePlace } from "./location/SharePlace";
import { NewPoll } from "./polls/NewPoll";
import { readPoll } from "./polls/poll";
import { PollBubble } from "./polls/PollBubble";
import type { BlockSlot, ComposerSlot } from "./slots";
import { StickerBubble } from "./stickers/StickerBubble";
import { STICKER } from "./stickers/stickers";
import { VOICE_BLOCK } from "./voice/voice";
import { VoiceBubble } from "./voice/VoiceBubble";

const POLL: BlockSlot = {
  Bubble: PollBubble,
  summarise: (content, t) => `[${t("poll")}] ${readPoll(content)?.question ?? ""}`,
};

const PLACE: BlockSlot = { Bubble: PlaceBubble, summarise: (_, t) => `[${t("place")}]` };

export const CHAT_BLOCKS: Record<string, BlockSlot> = {
  "org.matrix.msc3381.poll.start": POLL,
  "m.poll.start": POLL,
  geo_uri: PLACE,
  "org.matrix.msc3488.location": PLACE,
  [STICKER]: {
    Bubble: StickerBubble,
    summarise: ({ body }, t) => `[${t("sticker")}] ${typeof body === "string" ? body : ""}`,
  },
  [VOICE_BLOCK]: { Bubble: VoiceBubble, summarise: (_, t) => `[${t("voice")}]` },
};

export const CHAT_COMPOSER: ComposerSlot[] = [
  {
    id: "poll",
    label: (t) => t("poll"),
    icon: <ChartBarBig size={24} />,
    Dialog: NewPoll,
    goesIntoThreads: true,
  },
  {
    id: "place",
    label: (t) => t("place"),
    icon: <MapPin size={24} />,
    Dialog: SharePlace,
    goesIntoThreads: true,
    isOffered: () => currentSettings().shareLocation,
  },
];
