/** The papers of one payment, and what can be done about a purchase. */

import { FileText, Scale } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { useLanguage } from "@/lib/language";
import { Button } from "@/ui/Button";
import { Note } from "@/ui/Note";
import { receiptPath, saveFile } from "./pagesApi";
import { tellWalletTrouble } from "./trouble";
import type { PaymentView } from "./types";
import styles from "./pages.module.css";

export function ReceiptPapers({ payment }: { payment: PaymentView }) {
  const { t, tag } = useLanguage();
  const [, go] = useLocation();
  const [busy, setBusy] = useState<"pdf" | "html">();
  const [trouble, setTrouble] = useState<unknown>();
  const { payment_id: id } = payment;
  const save = async (form: "pdf" | "html") => {
    setBusy(form);
    setTrouble(undefined);
    try {
      const language = tag === "zh-Hans" ? "zh" : "en";
      await saveFile(receiptPath(id, form, language), `receipt-${id}.${form}`);
    } catch (error) {
      setTrouble(error);
    }
    setBusy(undefined);
  };
  const isDisputable =
    payment.kind === "purchase" && payment.direction === "out" && payment.status === "completed";
  return (
    <>
      {trouble ? <Note kind="bad">{tellWalletTrouble(t, tag, trouble)}</Note> : null}
      <div className={styles.buttons}>
        <Button look="quiet" busy={busy === "pdf"} onClick={() => void save("pdf")}>
          <FileText size={18} aria-hidden /> {t("receiptPdf")}
        </Button>
        <Button look="quiet" busy={busy === "html"} onClick={() => void save("html")}>
          <FileText size={18} aria-hidden /> {t("receiptHtml")}
        </Button>
        {isDisputable ? (
          <Button look="plain" onClick={() => go(`/me/disputes/${encodeURIComponent(id)}`)}>
            <Scale size={18} aria-hidden /> {t("disputeOpen")}
          </Button>
        ) : null}
      </div>
    </>
  );
}
