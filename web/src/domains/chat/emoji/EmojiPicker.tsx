import { useEffect, useState, type KeyboardEvent } from "react";
import { useLanguage, type Key } from "@/lib/language";
import { Button } from "@/ui/Button";
import { Loading, State } from "@/ui/State";
import { findEmoji, GROUPS, loadEmoji, noteEmoji, recentEmoji, type Emoji } from "./emoji";
import styles from "./emoji.module.css";

// What stands on the tab of a group.
const SIGNS: Record<number, string> = {
  0: "😀", 1: "🙋", 3: "🐼", 4: "🍵", 5: "🚲", 6: "🎏", 7: "💡", 8: "☯️", 9: "🏳️",
}; // prettier-ignore

/** Choose an emoji: by group, by words, or one used lately. */
export function EmojiPicker({ onPick }: { onPick: (sign: string) => void }) {
  const { t, tag } = useLanguage();
  const [all, setAll] = useState<Emoji[]>();
  const [isTrouble, setIsTrouble] = useState(false);
  const [wanted, setWanted] = useState("");
  const [group, setGroup] = useState<number>(GROUPS[0]);
  const [recent] = useState(recentEmoji);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let isHere = true;
    loadEmoji(tag).then(
      (found) => {
        if (!isHere) return;
        setAll(found);
        setIsTrouble(false);
      },
      () => {
        if (isHere) setIsTrouble(true);
      },
    );
    return () => {
      isHere = false;
    };
  }, [tag, tries]);
  const pick = (sign: string) => {
    noteEmoji(sign);
    onPick(sign);
  };
  if (isTrouble) {
    return (
      <State
        title={t("emojiTrouble")}
        action={<Button onClick={() => setTries(tries + 1)}>{t("retry")}</Button>}
      />
    );
  }
  if (!all) return <Loading label={t("loading")} />;
  const found = wanted.trim() ? findEmoji(all, wanted) : undefined;
  const named = new Map(all.map((emoji) => [emoji.sign, emoji]));
  const lately = recent.flatMap((sign) => named.get(sign) ?? []);
  return (
    <div className={styles.picker}>
      <input
        type="search"
        className={styles.search}
        aria-label={t("emojiSearch")}
        placeholder={t("emojiSearch")}
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      {found ? null : (
        <div className={styles.groups} role="group" aria-label={t("emoji")}>
          {GROUPS.map((each) => (
            <button
              key={each}
              type="button"
              aria-label={t(`emojiGroup${each}` as Key)}
              title={t(`emojiGroup${each}` as Key)}
              aria-pressed={each === group}
              onClick={() => setGroup(each)}
            >
              {SIGNS[each]}
            </button>
          ))}
        </div>
      )}
      {/* Anew for each group and search, so that it stands at its beginning. */}
      <div key={found ? "found" : group} className={styles.scroll}>
        {found?.length === 0 ? <p className={styles.none}>{t("emojiNone")}</p> : null}
        {found ? (
          <Grid label={t("emojiSearch")} list={found} onPick={pick} />
        ) : (
          <>
            {group === GROUPS[0] ? (
              <>
                <h3 className={styles.title}>{t("emojiRecent")}</h3>
                <Grid label={t("emojiRecent")} list={lately} onPick={pick} />
              </>
            ) : null}
            <h3 className={styles.title}>{t(`emojiGroup${group}` as Key)}</h3>
            <Grid
              label={t(`emojiGroup${group}` as Key)}
              list={all.filter((emoji) => emoji.group === group)}
              onPick={pick}
            />
          </>
        )}
      </div>
    </div>
  );
}

interface GridProps {
  label: string;
  list: readonly Emoji[];
  onPick: (sign: string) => void;
}

/** One stop for the tab key; arrows go from emoji to emoji. */
function Grid({ label, list, onPick }: GridProps) {
  const [at, setAt] = useState(0);
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const first = buttons[0]?.getBoundingClientRect();
    const row = buttons.findIndex((button) => button.getBoundingClientRect().top !== first?.top);
    const columns = row === -1 ? buttons.length : row;
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: columns,
      ArrowUp: -columns,
    };
    const step = steps[event.key];
    const next = buttons[at + (step ?? 0)];
    if (step === undefined || !next) return;
    event.preventDefault();
    setAt(at + step);
    next.focus();
  };
  return (
    <div className={styles.grid} role="group" aria-label={label} onKeyDown={move}>
      {list.map(({ sign, label: name }, index) => (
        <button
          key={sign}
          type="button"
          tabIndex={index === at ? 0 : -1}
          aria-label={name}
          title={name}
          onFocus={() => setAt(index)}
          onClick={() => onPick(sign)}
        >
          {sign}
        </button>
      ))}
    </div>
  );
}
