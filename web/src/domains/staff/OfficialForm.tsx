/** The form by which an official request is entered: what it asks for, of whom, by which document. */

import { useState } from "react";
import { useLanguage, useT } from "@/lib/language";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { useDeed } from "@/ui/deeds";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Note } from "@/ui/Note";
import { enterRequest, sendDocument, type RequestForm } from "./api";
import { endOfDay, listLines, type Wanted } from "./official";
import styles from "./staff.module.css";

const CATEGORIES = ["account", "device", "financial", "content", "removal"] as const;
const EMERGENCY = "emergency";

const EMPTY = {
  instrument: "order",
  category: "account",
  country: "",
  authority: "",
  legalBasis: "",
  court: "",
  documentOn: "",
  danger: "",
  gagUntil: "",
};

interface Props {
  form: RequestForm;
  onClose: () => void;
  onDone: () => void;
}

export function EnterRequest({ form, onClose, onDone }: Props) {
  const t = useT();
  const { tag } = useLanguage();
  const [typed, setTyped] = useState({ ...EMPTY, court: form.courts[0] ?? "" });
  const [wanted, setWanted] = useState<Wanted>({ members: "", fields: [], from: "", to: "" });
  const [file, setFile] = useState<File>();
  const { isBusy, trouble, run } = useDeed();
  const change = (name: keyof typeof EMPTY) => (value: string) =>
    setTyped((now) => ({ ...now, [name]: value }));
  const isEmergency = typed.instrument === EMERGENCY;
  const lines = listLines(wanted);
  const isWhole =
    lines.length > 0 &&
    /^[A-Z]{2}$/.test(typed.country) &&
    typed.authority.trim() !== "" &&
    typed.legalBasis.trim() !== "" &&
    (isEmergency ? typed.danger.trim() !== "" : file !== undefined && typed.documentOn !== "") &&
    (typed.gagUntil === "" || file !== undefined);
  const enter = async () => {
    const isDone = await run(async (key) => {
      const document = file ? await sendDocument(file) : null;
      const gag =
        document && typed.gagUntil ? { document, ends_at: endOfDay(typed.gagUntil) } : null;
      await enterRequest(
        {
          instrument: typed.instrument,
          category: typed.category,
          country: typed.country,
          authority: typed.authority.trim(),
          legal_basis: typed.legalBasis.trim(),
          court: isEmergency ? "" : typed.court,
          document,
          document_on: typed.documentOn || null,
          danger: isEmergency ? typed.danger.trim() : "",
          asked: lines,
          gag,
        },
        key,
      );
    });
    if (isDone) onDone();
  };
  return (
    <Dialog title={t("officialEnter")} closeLabel={t("close")} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <Note>{tag === "zh-Hans" ? form.content_zh : form.content_en}</Note>
        <Choice
          label={t("officialInstrument")}
          value={typed.instrument}
          options={form.instruments.map((one) => ({
            value: one,
            label: t(`instrument_${one}` as "instrument_order"),
          }))}
          onChange={change("instrument")}
        />
        <Choice
          label={t("officialCategory")}
          value={typed.category}
          options={CATEGORIES.map((one) => ({ value: one, label: t(`officialKind_${one}`) }))}
          onChange={change("category")}
        />
        <Field
          label={t("officialAuthority")}
          value={typed.authority}
          onChange={change("authority")}
          maxLength={300}
          required
        />
        <Field
          label={t("officialCountry")}
          hint={t("officialCountryHint")}
          value={typed.country}
          onChange={(value) => change("country")(value.toUpperCase())}
          maxLength={2}
          required
        />
        <Field
          label={t("officialBasis")}
          value={typed.legalBasis}
          onChange={change("legalBasis")}
          maxLength={300}
          required
        />
        {isEmergency ? (
          <Field
            label={t("officialDanger")}
            hint={t("officialDangerHint")}
            value={typed.danger}
            onChange={change("danger")}
            maxLength={2000}
            required
          />
        ) : (
          <Choice
            label={t("officialCourt")}
            value={typed.court}
            options={["", ...form.courts].map((one) => ({
              value: one,
              label: one || t("officialNoCourt"),
            }))}
            onChange={change("court")}
          />
        )}
        <DocumentField isNeeded={!isEmergency} onChosen={setFile} />
        <Field
          label={t("officialDocumentOn")}
          type="date"
          value={typed.documentOn}
          onChange={change("documentOn")}
          required={!isEmergency}
        />
        <WantedFields form={form} wanted={wanted} onChange={setWanted} />
        <Field
          label={t("officialGag")}
          hint={t("officialGagHint")}
          type="date"
          value={typed.gagUntil}
          onChange={change("gagUntil")}
        />
        {trouble ? <Note kind="bad">{trouble}</Note> : null}
        <Button type="submit" wide busy={isBusy} disabled={!isWhole}>
          {t("officialEnter")}
        </Button>
      </form>
    </Dialog>
  );
}

interface DocumentProps {
  isNeeded: boolean;
  onChosen: (file: File | undefined) => void;
}

export function DocumentField({ isNeeded, onChosen }: DocumentProps) {
  const t = useT();
  return (
    <label className={styles.form}>
      <strong>{t("officialDocument")}</strong>
      <input
        type="file"
        required={isNeeded}
        onChange={(event) => onChosen(event.target.files?.[0])}
      />
    </label>
  );
}

interface WantedProps {
  form: RequestForm;
  wanted: Wanted;
  onChange: (wanted: Wanted) => void;
}

function WantedFields({ form, wanted, onChange }: WantedProps) {
  const { t, tag } = useLanguage();
  const { fields } = wanted;
  const toggle = (name: string) =>
    onChange({
      ...wanted,
      fields: fields.includes(name) ? fields.filter((one) => one !== name) : [...fields, name],
    });
  return (
    <>
      <Field
        label={t("officialMembers")}
        hint={t("officialMembersHint")}
        value={wanted.members}
        onChange={(members) => onChange({ ...wanted, members })}
        required
      />
      <fieldset className={styles.checks}>
        <legend>{t("officialAsked")}</legend>
        {form.fields.map((field) => (
          <label key={field.name}>
            <input
              type="checkbox"
              checked={fields.includes(field.name)}
              onChange={() => toggle(field.name)}
            />
            {tag === "zh-Hans" ? field.zh : field.en}
          </label>
        ))}
      </fieldset>
      <Field
        label={t("officialFrom")}
        hint={t("officialFromHint")}
        type="date"
        value={wanted.from}
        onChange={(from) => onChange({ ...wanted, from })}
      />
      <Field
        label={t("officialTo")}
        hint={t("officialToHint")}
        type="date"
        value={wanted.to}
        onChange={(to) => onChange({ ...wanted, to })}
      />
    </>
  );
}
