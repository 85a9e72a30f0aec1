/**
 * Messages that disappear: by the rule that held in the chat when each was sent.
 *
 * The rule is the state event `org.teahouse.disappearing` with `seconds`, as the server reads it
 * (teahouse/chat/messages/rules.py). Pure.
 */

export const DISAPPEARING = "org.teahouse.disappearing";

/** What can be chosen, in seconds; 0 turns it off. */
export const CHOICES = [0, 3600, 86_400, 604_800, 2_419_200] as const;

/** The seconds of a rule; 0 where messages stay. */
export function readSeconds(content: Record<string, unknown> | undefined): number {
  const seconds = content?.seconds;
  return typeof seconds === "number" && Number.isInteger(seconds) && seconds > 0 ? seconds : 0;
}

export interface Sent {
  id: string;
  at: number;
  /** Of the event that changes the rule. */
  rule?: number;
  isState: boolean;
}

/**
 * When each message disappears, by its id.
 *
 * @param first the rule before the first of them.
 * @param events in the order of the chat.
 */
export function computeExpiries(first: number, events: readonly Sent[]): Map<string, number> {
  const expiries = new Map<string, number>();
  let seconds = first;
  for (const event of events) {
    if (event.rule !== undefined) seconds = event.rule;
    if (seconds > 0 && !event.isState) expiries.set(event.id, event.at + seconds * 1000);
  }
  return expiries;
}
