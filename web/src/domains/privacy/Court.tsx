/** What a court would get of me today: made by the very code that would give it. */

import { Download } from "lucide-react";
import { fetchApi } from "@/lib/api";
import { useLanguage } from "@/lib/language";
import { currentSession } from "@/lib/session";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { Page } from "@/ui/Page";
import { langOf } from "./api";
import { Await, useLoaded } from "@/ui/loading";
import styles from "./privacy.module.css";
import { saveBlob } from "./sealed";

interface Field {
  name: string;
  en: string;
  zh: string;
}

interface Form {
  fields: Field[];
  content_en: string;
  content_zh: string;
}

interface Asked {
  request_id: string;
  authority: string;
  country: string;
  legal_basis: string;
  outcome: string | null;
  received_at: number;
  notified_at: number | null;
}

/** The very bytes: what is shown and saved is what would be given, not a likeness of it. */
async function fetchDryRun(): Promise<string> {
  const answer = await fetch("/api/v1/privacy/official-requests/dry-run", {
    headers: { Authorization: `Bearer ${currentSession()?.accessToken ?? ""}` },
    credentials: "omit",
    cache: "no-store",
  });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.text();
}

export function Court() {
  const { t } = useLanguage();
  const loaded = useLoaded(() =>
    Promise.all([
      fetchApi<Form>("/privacy/official-requests/form"),
      fetchDryRun(),
      fetchApi<Asked[]>("/privacy/official-requests/mine"),
    ]),
  );
  return (
    <Page title={t("court")} back={{ to: "/me/privacy", label: t("back") }}>
      <p className={styles.lead}>{t("courtLead")}</p>
      <Await loaded={loaded}>
        {([form, released, mine]) => (
          <>
            <Package form={form} released={released} />
            <Requests mine={mine} />
          </>
        )}
      </Await>
    </Page>
  );
}

function Package({ form, released }: { form: Form; released: string }) {
  const { t, tag } = useLanguage();
  const lang = langOf(tag) === "zh" ? "zh" : "en";
  const save = () => saveBlob(new Blob([released], { type: "application/json" }), "court.json");
  return (
    <>
      <Note>{lang === "zh" ? form.content_zh : form.content_en}</Note>
      <section>
        <h2 className={styles.heading}>{t("courtFields")}</h2>
        <ul className={styles.card}>
          {form.fields.map((field) => (
            <li key={field.name} className={styles.item}>
              {field[lang]}
            </li>
          ))}
        </ul>
      </section>
      <Button wide look="quiet" onClick={save}>
        <Download size={18} aria-hidden />
        {t("courtSave")}
      </Button>
      <section className={styles.card}>
        <details className={styles.item}>
          <summary>{t("courtShow")}</summary>
          <pre className={styles.code} data-testid="dry-run" tabIndex={0}>
            {released}
          </pre>
        </details>
      </section>
    </>
  );
}

function Requests({ mine }: { mine: Asked[] }) {
  const { t, tag } = useLanguage();
  return (
    <section>
      <h2 className={styles.heading}>{t("courtMine")}</h2>
      <ul className={styles.card}>
        {mine.length === 0 ? <li className={styles.item}>{t("courtMineNone")}</li> : null}
        {mine.map((one) => (
          <li key={one.request_id} className={styles.item}>
            <p>
              {one.authority} ({one.country})
            </p>
            <p className={styles.soft}>{one.legal_basis}</p>
            <p className={styles.soft}>{t("courtReceived", { when: formatMoment(one.received_at, tag) })}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
