/** What is imposed on members, by groups and by the house, and how an appeal is decided. */

import { call } from "./api";
import { useT } from "./language";

const RULES = ["spam", "abuse", "unlawful", "impersonation", "off_topic", "other"] as const;
export type Rule = (typeof RULES)[number];

export interface Sanction {
  sanction_id: string;
  kind: "kick" | "ban" | "suspension";
  user_id: string;
  by_user_id: string;
  room_id: string | null;
  event_id: string | null;
  rule: Rule;
  reason: string;
  imposed_at: number;
  until: number | null;
  ended_at: number | null;
  ended_why: "expired" | "appeal" | "lifted" | null;
  appeal: string | null;
  decision: "upheld" | "lifted" | null;
  decision_reason: string | null;
  decided_by: string | null;
  appealable_until: number;
}

/** The rules that houses and groups have in common, in the member's language. */
export function useRules(): { value: Rule; label: string }[] {
  const t = useT();
  return RULES.map((value) => ({ value, label: t(`rule_${value}`) }));
}

export function sendDecision(
  sanctionId: string,
  decision: "upheld" | "lifted",
  reason: string,
): Promise<Sanction> {
  return call(`/sanctions/${sanctionId}/decision`, { method: "POST", body: { decision, reason } });
}
