/** Above the chats: who will charge me and when, whose charge failed, who asks to. Blocks nothing. */

import { ClientEvent } from "matrix-js-sdk";
import { Repeat } from "lucide-react";
import { useEffect } from "react";
import { Link } from "wouter";
import { useLanguage } from "@/lib/language";
import { useClient } from "@/lib/matrix/context";
import { formatMoney } from "@/lib/money";
import { useSeen } from "@/lib/seen";
import { formatMoment } from "@/lib/time";
import { Button } from "@/ui/Button";
import { useLoaded } from "@/ui/loading";
import { Note } from "@/ui/Note";
import { readMandateNews } from "./pageViews";
import { fetchMandates } from "./pagesApi";
import styles from "./pages.module.css";

const NOTICE = "org.teahouse.mandate";
const KEPT_AS = "teahouse.walletNews";

export function WalletNews() {
  const { t, tag } = useLanguage();
  const client = useClient();
  // Without an answer there is nothing to say: the page of the consents tells of trouble.
  const { value, reload } = useLoaded(fetchMandates);
  const [seen, close] = useSeen(KEPT_AS);
  useEffect(() => {
    const listen = ({ message }: { message: { type: string } }) => {
      if (message.type === NOTICE) reload();
    };
    client.on(ClientEvent.ReceivedToDeviceMessage, listen);
    return () => {
      client.off(ClientEvent.ReceivedToDeviceMessage, listen);
    };
  }, [client, reload]);
  return readMandateNews(value?.items ?? [])
    .filter(({ id }) => !seen.includes(id))
    .map(({ id, key, payee, charge }) => (
      <Note
        key={id}
        kind={key === "newsChargeFailed" ? "warn" : "plain"}
        icon={<Repeat size={18} aria-hidden />}
        action={
          <Button look="plain" onClick={() => close(id)}>
            {t("close")}
          </Button>
        }
      >
        {t(key, {
          payee,
          amount: charge ? formatMoney(charge.amount, tag) : "",
          when: charge ? formatMoment(charge.due_at, tag) : "",
        })}{" "}
        <Link to="/me/mandates" className={styles.link}>
          {t("newsRead")}
        </Link>
      </Note>
    ));
}
