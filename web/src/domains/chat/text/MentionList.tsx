import { Direction, type Room } from "matrix-js-sdk";
import { useT } from "@/lib/language";
import { nameOfMember } from "../naming";
import { Picture } from "../Picture";
import styles from "./composer.module.css";

export interface Candidate {
  /** Empty for everybody in the room. */
  userId: string;
  name: string;
}

const SHOWN_MAX = 6;

/** Members whose name or id fits what is typed; the best first. */
export function findCandidates(room: Room, query: string): Candidate[] {
  const word = query.toLocaleLowerCase();
  const ranked = room
    .getJoinedMembers()
    .filter((member) => member.userId !== room.myUserId)
    .map(({ userId }) => ({ userId, name: nameOfMember(room, userId) }))
    .map((each) => ({ each, rank: rankOf(each, word) }))
    .filter(({ rank }) => rank < 3)
    .sort((one, other) => one.rank - other.rank || one.each.name.localeCompare(other.each.name));
  const everybody =
    mayCallRoom(room) && "room".startsWith(word) ? [{ userId: "", name: "room" }] : [];
  return [...ranked.map(({ each }) => each), ...everybody].slice(0, SHOWN_MAX);
}

function rankOf({ userId, name }: Candidate, word: string): number {
  const lower = name.toLocaleLowerCase();
  if (lower.startsWith(word)) return 0;
  if (userId.slice(1).startsWith(word)) return 1;
  return lower.includes(word) ? 2 : 3;
}

/** Whether a member may call everybody by `@room`, which in a chat of two is of no use. */
export function mayCallRoom(room: Room): boolean {
  const state = room.getLiveTimeline().getState(Direction.Forward);
  return (
    room.getInvitedAndJoinedMemberCount() > 2 &&
    (state?.mayTriggerNotifOfType("room", room.myUserId) ?? false)
  );
}

interface Props {
  id: string;
  room: Room;
  candidates: Candidate[];
  chosen: number;
  onChoose: (candidate: Candidate) => void;
}

export function MentionList({ id, room, candidates, chosen, onChoose }: Props) {
  const t = useT();
  return (
    <ul id={id} role="listbox" aria-label={t("mentionWhom")} className={styles.mentions}>
      {candidates.map((candidate, index) => (
        <li
          key={candidate.userId}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          className={styles.mention}
          // The text keeps the focus: a phone's keyboard stays.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(candidate)}
        >
          <Picture
            id={candidate.userId || room.roomId}
            name={candidate.name}
            mxc={room.getMember(candidate.userId)?.getMxcAvatarUrl()}
            size={28}
          />
          <span className={styles.mentionName}>
            {candidate.userId ? candidate.name : "@room"}
          </span>
          <span className={styles.mentionId}>{candidate.userId || t("everybody")}</span>
        </li>
      ))}
    </ul>
  );
}
