/** What the server did in the last hour. */

import { lazy, Suspense } from "react";
import { useLanguage } from "@/lib/language";
import { Await, useLoaded } from "@/ui/loading";
import { Page } from "@/ui/Page";
import { State } from "@/ui/State";
import { fetchLoad } from "./api";
import { listCurves } from "./curves";
import styles from "./staff.module.css";

const LoadChart = lazy(() => import("./LoadChart"));
const EVERY_MS = 10_000;

export function Load() {
  const { t, tag } = useLanguage();
  const loaded = useLoaded(fetchLoad, "", EVERY_MS);
  const write = new Intl.NumberFormat(tag, { maximumFractionDigits: 1 });
  return (
    <Page title={t("staffLoad")} back={{ to: "/me/staff", label: t("back") }}>
      <p className={styles.soft}>{t("staffLoadText")}</p>
      <Await loaded={loaded}>
        {(samples) =>
          samples.length === 0 ? (
            <State title={t("staffLoadNone")}>{t("staffLoadNoneText")}</State>
          ) : (
            <div className={styles.charts}>
              {listCurves(samples).map(({ name, values }) => {
                const last = values.at(-1);
                const told = last == null ? "–" : write.format(last);
                return (
                  <section key={name} className={styles.chart}>
                    <h2>{t(name)}</h2>
                    <p className={styles.now}>{told}</p>
                    <Suspense fallback={<div className={styles.plot} />}>
                      <LoadChart
                        times={samples.map((one) => one.at / 1000)}
                        values={values}
                        label={`${t(name)}: ${told}`}
                      />
                    </Suspense>
                  </section>
                );
              })}
            </div>
          )
        }
      </Await>
    </Page>
  );
}
