/** What came and went, month by month. */

import { ChartColumn, ChevronLeft, ChevronRight } from "lucide-react";
import { lazy, Suspense, useCallback, useRef, useState } from "react";
import { useLanguage } from "@/lib/language";
import { formatMoney } from "@/lib/money";
import { IconButton } from "@/ui/Button";
import { Segments } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { Loading, State } from "@/ui/State";
import {
  formatMonth,
  listCurrencies,
  monthOf,
  monthsUntil,
  readBars,
  shiftMonth,
  type MonthBar,
} from "./pageViews";
import { fetchSummary, type CurrencySummary, type Sum, type Summary } from "./pagesApi";
import { tellWalletTrouble } from "./trouble";
import { kindKey } from "./Wallet";
import { useWalletData, useWallets } from "./wallets";
import styles from "./pages.module.css";

const MONTHS_SHOWN = 6;
const OTHERS_SHOWN = 8;
const MonthChart = lazy(() => import("./MonthChart"));

export function SummaryPage() {
  const { t, tag } = useLanguage();
  const [now] = useState(() => monthOf(Date.now()));
  const [month, setMonth] = useState(now);
  const { value, trouble } = useWalletData(
    () => Promise.all(monthsUntil(month, MONTHS_SHOWN).map(fetchSummary)),
    month,
  );
  return (
    <Page title={t("summary")} back={{ to: "/me/wallet", label: t("back") }}>
      <div className={styles.months}>
        <IconButton label={t("summaryEarlier")} onClick={() => setMonth(shiftMonth(month, -1))}>
          <ChevronLeft size={22} />
        </IconButton>
        <h2 aria-live="polite">{formatMonth(month, tag)}</h2>
        <IconButton
          label={t("summaryLater")}
          disabled={month >= now}
          onClick={() => setMonth(shiftMonth(month, 1))}
        >
          <ChevronRight size={22} />
        </IconButton>
      </div>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      {value ? (
        <Months summaries={value} month={month} />
      ) : trouble ? null : (
        <Loading label={t("loading")} />
      )}
    </Page>
  );
}

function Months({ summaries, month }: { summaries: Summary[]; month: string }) {
  const { t } = useLanguage();
  const { value: wallets } = useWallets();
  const [chosen, setChosen] = useState<string>();
  const currencies = listCurrencies(summaries, wallets?.preferred ?? "CNY");
  const currency = chosen && currencies.includes(chosen) ? chosen : (currencies[0] ?? "CNY");
  const bars = readBars(summaries, currency);
  if (bars.every((bar) => bar.cameIn === 0 && bar.wentOut === 0)) {
    return (
      <State icon={<ChartColumn size={28} />} title={t("summaryEmpty")}>
        {t("summaryEmptyText")}
      </State>
    );
  }
  const shown = summaries.find((one) => one.month === month);
  const found = shown?.currencies.find((one) => one.currency === currency);
  return (
    <>
      {currencies.length > 1 ? (
        <Segments
          label={t("currency")}
          options={currencies.map((code) => ({ value: code, label: code }))}
          value={currency}
          onChange={setChosen}
        />
      ) : null}
      <Totals found={found} currency={currency} />
      <Chart bars={bars} currency={currency} />
      {shown?.is_complete === false ? <Note kind="warn">{t("summaryPart")}</Note> : null}
      {found ? (
        <Headings found={found} />
      ) : (
        <p className={styles.soft}>{t("summaryEmptyMonth")}</p>
      )}
    </>
  );
}

function Totals({ found, currency }: { found: CurrencySummary | undefined; currency: string }) {
  const { t, tag } = useLanguage();
  const tell = (minor: number) => formatMoney({ minor, currency }, tag);
  return (
    <dl className={styles.totals}>
      <div>
        <dt>{t("summaryIn")}</dt>
        <dd data-testid="summary-in">{tell(found?.came_in ?? 0)}</dd>
      </div>
      <div>
        <dt>{t("summaryOut")}</dt>
        <dd data-testid="summary-out">{tell(found?.went_out ?? 0)}</dd>
      </div>
    </dl>
  );
}

function Chart({ bars, currency }: { bars: MonthBar[]; currency: string }) {
  const { t, tag } = useLanguage();
  const card = useRef<HTMLDivElement>(null);
  const colourOf = useCallback((side: string) => {
    const element = card.current?.querySelector(`[data-colour="${side}"]`);
    return element ? getComputedStyle(element).backgroundColor : "#888";
  }, []);
  const tell = (minor: number) => formatMoney({ minor, currency }, tag);
  return (
    <div className={styles.chartCard} ref={card}>
      <div className={styles.legend} aria-hidden="true">
        <span data-colour="in" className={styles.colourIn} /> {t("summaryIn")}
        <span data-colour="out" className={styles.colourOut} /> {t("summaryOut")}
        <span data-colour="ink" className={styles.colourInk} />
        <span data-colour="line" className={styles.colourLine} />
      </div>
      <Suspense fallback={<div className={styles.chart} />}>
        <MonthChart bars={bars} currency={currency} label={t("summaryChart")} colourOf={colourOf} />
      </Suspense>
      <details>
        <summary>{t("summaryTable")}</summary>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t("summaryMonth")}</th>
              <th scope="col">{t("summaryIn")}</th>
              <th scope="col">{t("summaryOut")}</th>
            </tr>
          </thead>
          <tbody>
            {bars.map((bar) => (
              <tr key={bar.month}>
                <th scope="row">{formatMonth(bar.month, tag)}</th>
                <td>{tell(bar.cameIn)}</td>
                <td>{tell(bar.wentOut)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </div>
  );
}

function Headings({ found }: { found: CurrencySummary }) {
  const { t } = useLanguage();
  const others = found.by_counterparty.filter((sum) => sum.name).slice(0, OTHERS_SHOWN);
  return (
    <>
      <Card title={t("summaryKinds")}>
        {found.by_kind.map((sum) => (
          <SumRow key={sum.name} sum={sum} name={t(kindKey(sum.name))} currency={found.currency} />
        ))}
      </Card>
      {others.length > 0 ? (
        <Card title={t("summaryOthers")}>
          {others.map((sum) => (
            <SumRow key={sum.name} sum={sum} name={sum.name} currency={found.currency} />
          ))}
        </Card>
      ) : null}
    </>
  );
}

function SumRow({ sum, name, currency }: { sum: Sum; name: string; currency: string }) {
  const { t, tag } = useLanguage();
  const tell = (minor: number) => formatMoney({ minor, currency }, tag);
  return (
    <Row
      title={name}
      sub={t("summaryCount", { count: sum.count })}
      end={
        <span className={styles.sums}>
          {sum.came_in > 0 ? <span className={styles.cameIn}>+{tell(sum.came_in)}</span> : null}
          {sum.went_out > 0 ? <span className={styles.wentOut}>−{tell(sum.went_out)}</span> : null}
        </span>
      }
    />
  );
}
