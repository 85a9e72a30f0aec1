/**
 * Polls in the form that Matrix clients use today (MSC3381, its unstable names). Pure.
 *
 * What others send is read in both forms, the unstable and the stable one.
 */

export const POLL_START = "org.matrix.msc3381.poll.start";
export const POLL_RESPONSE = "org.matrix.msc3381.poll.response";
export const POLL_END = "org.matrix.msc3381.poll.end";
const TEXT = "org.matrix.msc1767.text";
const DISCLOSED = "org.matrix.msc3381.poll.disclosed";
const UNDISCLOSED = "org.matrix.msc3381.poll.undisclosed";

/** Event types that begin a poll. */
export const POLL_STARTS = [POLL_START, "m.poll.start"] as const;
// MSC3381: answers beyond the twentieth are not shown.
export const ANSWERS_MAX = 20;
export const ANSWERS_MIN = 2;
export const QUESTION_LENGTH_MAX = 340;

export interface Answer {
  id: string;
  text: string;
}

export interface PollFacts {
  question: string;
  answers: Answer[];
  isDisclosed: boolean;
  choicesMax: number;
}

type Content = Record<string, unknown>;

/** What a poll asks; nothing where the content is no poll. */
export function readPoll(content: Content): PollFacts | undefined {
  const start = asObject(content[POLL_START] ?? content["m.poll.start"] ?? content["m.poll"]);
  if (!start) return undefined;
  const question = readText(start.question);
  const listed = Array.isArray(start.answers) ? (start.answers as unknown[]) : [];
  const answers = listed.slice(0, ANSWERS_MAX).flatMap((each) => {
    const answer = asObject(each);
    const id = answer?.id ?? answer?.["m.id"];
    const text = readText(answer);
    return typeof id === "string" && text !== undefined ? [{ id, text }] : [];
  });
  if (question === undefined || answers.length === 0) return undefined;
  const most = start.max_selections;
  return {
    question,
    answers,
    // MSC3381: a kind that is not known is undisclosed.
    isDisclosed: start.kind === DISCLOSED || start.kind === "m.poll.disclosed" || start.kind === "m.disclosed",
    choicesMax: typeof most === "number" && Number.isInteger(most) && most >= 1 ? most : 1,
  };
}

function asObject(value: unknown): Content | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Content)
    : undefined;
}

/** The plain text of an extensible event's part. */
function readText(value: unknown): string | undefined {
  const part = asObject(value);
  if (!part) return undefined;
  const stable = part["m.text"];
  const first: unknown = Array.isArray(stable) ? asObject(stable[0])?.body : stable;
  const text = part[TEXT] ?? first ?? part.body;
  return typeof text === "string" && text.trim() !== "" ? text : undefined;
}

interface Wish {
  question: string;
  answers: readonly string[];
  isDisclosed: boolean;
  hasSeveral: boolean;
}

/** The content of the event that begins a poll. */
export function composePoll(wish: Wish, makeId: (index: number) => string): Content {
  const answers = wish.answers.map((text, index) => ({ id: makeId(index), [TEXT]: text }));
  const listed = wish.answers.map((text, index) => `${index + 1}. ${text}`).join("\n");
  return {
    [TEXT]: `${wish.question}\n${listed}`,
    [POLL_START]: {
      question: { [TEXT]: wish.question, body: wish.question, msgtype: "m.text" },
      kind: wish.isDisclosed ? DISCLOSED : UNDISCLOSED,
      max_selections: wish.hasSeveral ? answers.length : 1,
      answers,
    },
  };
}

export function composeVote(pollId: string, answers: readonly string[]): Content {
  return {
    "m.relates_to": { rel_type: "m.reference", event_id: pollId },
    [POLL_RESPONSE]: { answers: [...answers] },
  };
}

export function composeEnd(pollId: string, fallback: string): Content {
  return {
    "m.relates_to": { rel_type: "m.reference", event_id: pollId },
    [POLL_END]: {},
    [TEXT]: fallback,
  };
}

export interface Vote {
  sender: string;
  at: number;
  content: Content;
}

export interface Tally {
  /** Votes by the answer's id. */
  counts: Record<string, number>;
  /** How many members have voted validly. */
  voters: number;
  /** What one member has chosen. */
  own: string[];
  winners: string[];
}

/**
 * Count votes: of each member the newest, and only what came before the poll was closed.
 *
 * @param closedAt when it was closed; later votes do not count.
 *
 * Source: MSC3381: a vote that names an unknown answer, or none, is spoilt; beyond the number of
 * choices a vote is cut.
 */
export function countVotes(
  poll: PollFacts,
  votes: readonly Vote[],
  { ownId, closedAt = Infinity }: { ownId: string; closedAt?: number },
): Tally {
  const newest = new Map<string, Vote>();
  for (const vote of votes) {
    const known = newest.get(vote.sender);
    if (vote.at <= closedAt && (!known || vote.at >= known.at)) newest.set(vote.sender, vote);
  }
  const counts: Record<string, number> = Object.fromEntries(poll.answers.map(({ id }) => [id, 0]));
  let voters = 0;
  let own: string[] = [];
  for (const [sender, vote] of newest) {
    const chosen = readChosen(poll, vote.content);
    if (chosen.length > 0) voters += 1;
    for (const id of chosen) counts[id] = (counts[id] ?? 0) + 1;
    if (sender === ownId) own = chosen;
  }
  const most = Math.max(...Object.values(counts));
  const winners = most > 0 ? Object.keys(counts).filter((id) => counts[id] === most) : [];
  return { counts, voters, own, winners };
}

function readChosen(poll: PollFacts, content: Content): string[] {
  const response = asObject(content[POLL_RESPONSE] ?? content["m.poll.response"]);
  const answers = response?.answers ?? content["m.selections"];
  if (!Array.isArray(answers)) return [];
  const known = new Set(poll.answers.map(({ id }) => id));
  const cut = [...new Set(answers as unknown[])].slice(0, poll.choicesMax);
  const isSpoilt = cut.some((id) => typeof id !== "string" || !known.has(id));
  return isSpoilt ? [] : (cut as string[]);
}

/** The choice after one answer was tapped. */
export function toggleChoice(poll: PollFacts, own: readonly string[], id: string): string[] {
  if (own.includes(id)) return own.filter((other) => other !== id);
  if (poll.choicesMax === 1) return [id];
  return own.length < poll.choicesMax ? [...own, id] : [...own];
}
