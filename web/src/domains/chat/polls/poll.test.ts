import { describe, expect, it } from "vitest";
import { composePoll, composeVote, countVotes, readPoll, toggleChoice, type PollFacts } from "./poll";

function makePoll(wish: Partial<Parameters<typeof composePoll>[0]> = {}): PollFacts {
  const content = composePoll(
    { question: "Which tea?", answers: ["Oolong", "Keemun", "Pu'er"], isDisclosed: true, hasSeveral: false, ...wish },
    (index) => `a${index}`,
  );
  const poll = readPoll(content);
  if (!poll) throw new Error("what is composed can be read");
  return poll;
}

function vote(sender: string, at: number, answers: string[]) {
  return { sender, at, content: composeVote("$poll", answers) };
}

describe("a poll", () => {
  it("is read as it was composed", () => {
    expect(makePoll({ hasSeveral: true, isDisclosed: false })).toEqual({
      question: "Which tea?",
      answers: [
        { id: "a0", text: "Oolong" },
        { id: "a1", text: "Keemun" },
        { id: "a2", text: "Pu'er" },
      ],
      isDisclosed: false,
      choicesMax: 3,
    });
  });

  it("is read in its stable form too", () => {
    const poll = readPoll({
      "m.poll": {
        question: { "m.text": [{ body: "Now?" }] },
        kind: "m.disclosed",
        answers: [{ "m.id": "yes", "m.text": [{ body: "Yes" }] }],
      },
    });
    expect(poll).toMatchObject({ question: "Now?", isDisclosed: true, choicesMax: 1 });
    expect(poll?.answers).toEqual([{ id: "yes", text: "Yes" }]);
  });

  it.each([{}, { [`org.matrix.msc3381.poll.start`]: 1 }, { "m.poll.start": { question: {}, answers: [{}] } }])(
    "is none where the content says nothing: %j",
    (content) => expect(readPoll(content)).toBeUndefined(),
  );

  it("of an unknown kind keeps its results secret, and has at most twenty answers", () => {
    const answers = Array.from({ length: 30 }, (_, i) => ({ id: `${i}`, "org.matrix.msc1767.text": "x" }));
    const poll = readPoll({ "m.poll.start": { question: { body: "?" }, kind: "odd", answers } });
    expect(poll?.isDisclosed).toBe(false);
    expect(poll?.answers).toHaveLength(20);
  });
});

describe("votes", () => {
  const poll = makePoll();

  it("count once for each member, and the newest counts", () => {
    const votes = [vote("@a", 1, ["a0"]), vote("@b", 2, ["a1"]), vote("@a", 3, ["a1"])];
    const tally = countVotes(poll, votes, { ownId: "@a" });
    expect(tally).toEqual({ counts: { a0: 0, a1: 2, a2: 0 }, voters: 2, own: ["a1"], winners: ["a1"] });
  });

  it("do not count after the poll was closed", () => {
    const votes = [vote("@a", 1, ["a0"]), vote("@a", 9, ["a1"])];
    expect(countVotes(poll, votes, { ownId: "@a", closedAt: 5 }).own).toEqual(["a0"]);
  });

  it("are spoilt by an unknown answer, taken back by none, and cut at the number of choices", () => {
    const votes = [vote("@a", 1, ["nope"]), vote("@b", 1, ["a0"]), vote("@b", 2, []), vote("@c", 1, ["a2", "a1"])];
    const tally = countVotes(poll, votes, { ownId: "@z" });
    expect(tally.counts).toEqual({ a0: 0, a1: 0, a2: 1 });
    expect(tally.voters).toBe(1);
  });

  it("toggle one answer or several", () => {
    expect(toggleChoice(poll, ["a0"], "a1")).toEqual(["a1"]);
    expect(toggleChoice(poll, ["a0"], "a0")).toEqual([]);
    expect(toggleChoice(makePoll({ hasSeveral: true }), ["a0"], "a1")).toEqual(["a0", "a1"]);
  });
});
