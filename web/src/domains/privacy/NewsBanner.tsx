/** Above the chats: new rules are on their way, or an authority asked for my data. Blocks nothing. */

import { useEffect, useState } from "react";
import { Link } from "wouter";
import { fetchApi } from "@/lib/api";
import { useLanguage } from "@/lib/language";
import { useSeen } from "@/lib/seen";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import styles from "./privacy.module.css";

interface Standing {
  coming: { number: number; applies_at: number } | null;
  replies: Record<string, string>;
}

interface Told {
  request_id: string;
  authority: string;
  notified_at: number | null;
}

interface News {
  /** What is kept on this device once it was read. */
  id: string;
  text: string;
  to: string;
}

const KEPT_AS = "teahouse.privacyNews";
// Rules come 30 days ahead and orders within days: once an hour is soon enough for an open page.
const EVERY_MS = 3_600_000;

export function NewsBanner() {
  const { t, tag } = useLanguage();
  const [found, setFound] = useState<{ standing: Standing; told: Told[] }>();
  const [seen, close] = useSeen(KEPT_AS);
  useEffect(() => {
    let isWanted = true;
    const look = () => {
      // Without an answer there is nothing to say: the pages themselves tell of trouble.
      Promise.all([
        fetchApi<Standing>("/privacy/policy"),
        fetchApi<Told[]>("/privacy/official-requests/mine"),
      ]).then(
        ([standing, told]) => {
          if (isWanted) setFound({ standing, told });
        },
        () => undefined,
      );
    };
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => {
      isWanted = false;
      clearInterval(timer);
    };
  }, []);
  if (!found) return null;
  const news: News[] = found.told.map(({ request_id, authority }) => ({
    id: request_id,
    text: t("newsOfficial", { authority }),
    to: "/me/privacy/court",
  }));
  const { coming, replies } = found.standing;
  if (coming && !(coming.number in replies)) {
    const when = formatMoment(coming.applies_at, tag);
    news.push({
      id: `policy-${coming.number}`,
      text: t("newsPolicy", { when }),
      to: "/me/privacy/policy",
    });
  }
  return news
    .filter(({ id }) => !seen.includes(id))
    .map(({ id, text, to }) => (
      <Note
        key={id}
        action={
          <Button look="plain" onClick={() => close(id)}>
            {t("close")}
          </Button>
        }
      >
        {text}{" "}
        <Link to={to} className={styles.link}>
          {t("newsRead")}
        </Link>
      </Note>
    ));
}
