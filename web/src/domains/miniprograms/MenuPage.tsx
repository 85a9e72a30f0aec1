/** A shop's menu, as its owner and managers change it: what there is, what it costs, what is sold out. */

import { UtensilsCrossed } from "lucide-react";
import { useState } from "react";
import { useLanguage, type LanguageTag } from "@/lib/language";
import { formatMoney, parseAmount } from "@/lib/money";
import { formatMoment } from "@/lib/time";
import { tellTrouble, readTrouble } from "@/lib/trouble";
import { Button } from "@/ui/Button";
import { Choice } from "@/ui/Choice";
import { useDeed } from "@/ui/deeds";
import { Dialog } from "@/ui/Dialog";
import { Field, Switch } from "@/ui/Field";
import { Await, useLoaded } from "@/ui/loading";
import { Note } from "@/ui/Note";
import { Card, Page, Row } from "@/ui/Page";
import { State } from "@/ui/State";
import { fetchMenuChanges, fetchOwnMenu, inWords, saveMenu, type MenuChange } from "./api";
import {
  applyDraft,
  beginDraft,
  dropItem,
  NEW_SECTION,
  putItem,
  type Draft,
  type Menu,
  type MenuEdit,
  type MenuItem,
} from "./menu";
import styles from "./miniprograms.module.css";

interface Tools {
  currency: string;
  /** @returns whether it was saved. */
  save: (menu: Menu) => Promise<boolean>;
  isBusy: boolean;
  trouble: string | undefined;
}

export function MenuPage({ shopId }: { shopId: string }) {
  const { t } = useLanguage();
  const loaded = useLoaded(
    () => Promise.all([fetchOwnMenu(shopId), fetchMenuChanges(shopId)]),
    shopId,
  );
  const { isBusy, trouble, run } = useDeed((error) =>
    readTrouble(error).code === "menu-changed" ? t("menuChanged") : tellTrouble(t, error),
  );
  return (
    <Page
      title={t("menu")}
      back={{ to: `/till/${encodeURIComponent(shopId)}`, label: t("back") }}
    >
      <Await loaded={loaded}>
        {([{ menu, currency, changed_at: basedOn }, changes]) => {
          const save = async (wanted: Menu) => {
            const isSaved = await run(() => saveMenu(shopId, wanted, basedOn));
            // Also where somebody else was faster: what they wrote is what there is.
            loaded.reload();
            return isSaved;
          };
          return (
            <>
              {trouble ? <Note kind="bad">{trouble}</Note> : null}
              <Whole menu={menu} tools={{ currency, save, isBusy, trouble }} />
              <Changes changes={changes} currency={currency} />
            </>
          );
        }}
      </Await>
    </Page>
  );
}

function Whole({ menu, tools }: { menu: Menu; tools: Tools }) {
  const { t, tag } = useLanguage();
  const [edited, setEdited] = useState<MenuItem | "new">();
  return (
    <>
      <Card>
        <Switch
          label={t("menuOpen")}
          hint={t("menuOpenHint")}
          isOn={menu.is_open}
          onChange={(is_open) => void tools.save({ ...menu, is_open })}
        />
      </Card>
      <Button onClick={() => setEdited("new")}>{t("menuAdd")}</Button>
      {menu.items.length === 0 ? (
        <State icon={<UtensilsCrossed size={28} />} title={t("menuNone")}>
          {t("menuNoneText")}
        </State>
      ) : (
        menu.sections.map((section) => (
          <Card key={section.id} title={inWords(section, tag)}>
            {menu.items
              .filter((item) => item.section === section.id)
              .map((item) => (
                <ItemRow
                  key={item.id}
                  item={item}
                  menu={menu}
                  tools={tools}
                  onEdit={() => setEdited(item)}
                />
              ))}
          </Card>
        ))
      )}
      {edited ? (
        <EditItem
          item={edited === "new" ? undefined : edited}
          menu={menu}
          tools={tools}
          onClose={() => setEdited(undefined)}
        />
      ) : null}
    </>
  );
}

interface ItemProps {
  item: MenuItem;
  menu: Menu;
  tools: Tools;
  onEdit: () => void;
}

function ItemRow({ item, menu, tools, onEdit }: ItemProps) {
  const { t, tag } = useLanguage();
  const name = inWords(item, tag);
  const other = tag === "zh-Hans" ? item.en : item.zh;
  const price = formatMoney({ minor: item.price, currency: tools.currency }, tag);
  return (
    <article className={styles.menuItem} aria-label={name}>
      <Row title={name} sub={`${other} · ${price}`} end={t("edit")} onClick={onEdit} />
      <Switch
        label={t("menuSoldOut")}
        isOn={item.is_sold_out}
        onChange={(is_sold_out) => void tools.save(putItem(menu, { ...item, is_sold_out }))}
      />
    </article>
  );
}

interface EditProps {
  item: MenuItem | undefined;
  menu: Menu;
  tools: Tools;
  onClose: () => void;
}

function EditItem({ item, menu, tools, onClose }: EditProps) {
  const { t, tag } = useLanguage();
  const { currency, save, isBusy, trouble } = tools;
  const [draft, setDraft] = useState(() => beginDraft(item, menu, currency));
  const wanted = applyDraft(draft, item, menu, currency);
  const act = async (next: Menu | undefined) => {
    if (next && (await save(next))) onClose();
  };
  return (
    <Dialog
      title={item ? inWords(item, tag) : t("menuAdd")}
      closeLabel={t("close")}
      onClose={onClose}
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void act(wanted);
        }}
      >
        <DraftFields draft={draft} onChange={setDraft} menu={menu} currency={currency} />
        {trouble ? <Note kind="bad">{trouble}</Note> : null}
        <div className={styles.pair}>
          {item ? (
            <Button
              look="danger"
              busy={isBusy}
              onClick={() => void act(dropItem(menu, item.id))}
            >
              {t("menuDrop")}
            </Button>
          ) : null}
          <Button type="submit" busy={isBusy} disabled={!wanted}>
            {t("save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface DraftProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  menu: Menu;
  currency: string;
}

function DraftFields({ draft, onChange, menu, currency }: DraftProps) {
  const { t, tag } = useLanguage();
  const change = (name: keyof Draft) => (value: string) => onChange({ ...draft, [name]: value });
  const toggle = (id: string) =>
    onChange({
      ...draft,
      options: draft.options.includes(id)
        ? draft.options.filter((one) => one !== id)
        : [...draft.options, id],
    });
  return (
    <>
      <Field label={t("menuNameEn")} value={draft.en} onChange={change("en")} maxLength={60} required />
      <Field label={t("menuNameZh")} value={draft.zh} onChange={change("zh")} maxLength={60} required lang="zh-Hans" />
      <Field
        label={t("menuPrice", { currency })}
        error={
          draft.price === "" || parseAmount(draft.price, currency)
            ? undefined
            : t("menuPriceWrong")
        }
        inputMode="decimal"
        value={draft.price}
        onChange={change("price")}
        required
      />
      <Field label={t("menuAboutEn")} value={draft.about_en} onChange={change("about_en")} maxLength={200} />
      <Field label={t("menuAboutZh")} value={draft.about_zh} onChange={change("about_zh")} maxLength={200} lang="zh-Hans" />
      <Choice
        label={t("menuSection")}
        value={draft.section}
        options={[
          ...menu.sections.map((one) => ({ value: one.id, label: inWords(one, tag) })),
          { value: NEW_SECTION, label: t("menuNewSection") },
        ]}
        onChange={change("section")}
      />
      {draft.section === NEW_SECTION ? (
        <>
          <Field label={t("menuSectionEn")} value={draft.sectionEn} onChange={change("sectionEn")} maxLength={60} required />
          <Field label={t("menuSectionZh")} value={draft.sectionZh} onChange={change("sectionZh")} maxLength={60} required lang="zh-Hans" />
        </>
      ) : null}
      {menu.options.length > 0 ? (
        <fieldset className={styles.checks}>
          <legend>{t("menuOptions")}</legend>
          {menu.options.map((one) => (
            <label key={one.id}>
              <input
                type="checkbox"
                checked={draft.options.includes(one.id)}
                onChange={() => toggle(one.id)}
              />
              {inWords(one, tag)}
            </label>
          ))}
        </fieldset>
      ) : null}
    </>
  );
}

function Changes({ changes, currency }: { changes: MenuChange[]; currency: string }) {
  const { t, tag } = useLanguage();
  if (changes.length === 0) return null;
  return (
    <Card title={t("menuChanges")}>
      {changes.map((change, index) => (
        <div key={index} className={styles.change}>
          <span className={styles.soft}>
            {`${change.changed_by ?? t("somebody")} · ${formatMoment(change.changed_at, tag)}`}
          </span>
          <ul>
            {change.edits.map((edit, place) => (
              <li key={place}>
                {t(`menuEdit_${edit.kind}`, tellEdit(edit, currency, tag))}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </Card>
  );
}

function tellEdit(edit: MenuEdit, currency: string, tag: LanguageTag) {
  const tell = (minor: number | undefined) =>
    minor === undefined ? "" : formatMoney({ minor, currency }, tag);
  return {
    name: (tag === "zh-Hans" ? edit.zh : edit.en) ?? "",
    before: tell(edit.before),
    after: tell(edit.after),
  };
}
